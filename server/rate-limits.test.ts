import { describe, expect, test } from "vitest";
import { createRateLimits } from "./rate-limits.ts";
import { testEnv } from "./testing.ts";

const limits = () =>
  createRateLimits(testEnv({ LIMITS: '{"loginPerMinute":10,"requestsPerMinute":100}' }).LIMITS);
const stranger = async () => false;
const friend = async () => true;
const refused = { code: "RATE_LIMITED", extra: { retryAfterSeconds: expect.any(Number) } };

/** How many of `count` attempts get through. */
async function through(count: number, attempt: (n: number) => Promise<void>): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, n) => attempt(n)));
  return outcomes.filter(({ status }) => status === "fulfilled").length;
}

describe("guessing passwords", () => {
  test("of one account from one place ends after ten, a hundred at once too", async () => {
    const limit = limits();
    expect(await through(100, () => limit.attempt("192.0.2.1", "a@x", stranger))).toBe(10);
    await expect(limit.attempt("192.0.2.1", "a@x", stranger)).rejects.toMatchObject(refused);
  });

  test("of many accounts from one place ends, spread over a whole IPv6 network too", async () => {
    const limit = limits();
    expect(await through(100, (n) => limit.attempt("192.0.2.1", `${n}@x`, stranger))).toBe(30);
    expect(
      await through(100, (n) => limit.attempt(`2001:db8:1:2::${n.toString(16)}`, `v6-${n}@x`, stranger)),
    ).toBe(30);
  });

  test("of one account from many places slows, but never shuts its owner out", async () => {
    const limit = limits();
    expect(await through(100, (n) => limit.attempt(`198.51.100.${n}`, "a@x", stranger))).toBe(50);
    await expect(limit.attempt("203.0.113.1", "a@x", stranger)).rejects.toMatchObject(refused);
    await limit.attempt("203.0.113.1", "a@x", friend);
  });

  test("does not count against somebody who knows the password", async () => {
    const limit = limits();
    for (let i = 0; i < 200; i++) {
      await limit.attempt("192.0.2.1", "a@x", stranger);
      await limit.forgive("192.0.2.1", "a@x");
    }
  });
});

test("requests are counted per call, and the answer says when to come back", async () => {
  const limit = limits();
  await limit.request("a", 100);
  await expect(limit.request("a")).rejects.toMatchObject(refused);
  await limit.request("b");
});

test("an address is sent few mails an hour, whoever asks", async () => {
  const limit = limits();
  const sent = await Promise.all(Array.from({ length: 20 }, () => limit.mayMail("a@x")));
  expect(sent.filter(Boolean)).toHaveLength(5);
});
