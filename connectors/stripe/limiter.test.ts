import { expect, test } from "vitest";
import { Limiter } from "./limiter.ts";
import { never } from "./testing-account.ts";

/** When each of so many requests was let through, milliseconds after the first was asked for. */
async function starts(limiter: Limiter, endpoints: readonly string[]): Promise<number[]> {
  const began = performance.now();
  return Promise.all(
    endpoints.map((endpoint) => limiter.run(endpoint, never, async () => performance.now() - began)),
  );
}

test("one endpoint is asked at half of Stripe's 25 a second, after a few at once", async () => {
  const at = await starts(
    new Limiter(true),
    Array.from({ length: 10 }, () => "/v1/customers"),
  );
  // four at once, then one each 80 ms
  expect(Math.max(...at)).toBeGreaterThanOrEqual(6 * 80 - 10);
  expect(at.filter((ms) => ms < 60).length).toBeLessThanOrEqual(4);
});

test("in live mode several endpoints together are asked faster than one, in test mode not", async () => {
  const endpoints = Array.from({ length: 20 }, (_, index) => `/v1/${index % 5}`);
  const live = Math.max(...(await starts(new Limiter(true), endpoints)));
  const inTest = Math.max(...(await starts(new Limiter(false), endpoints)));
  expect(live).toBeGreaterThanOrEqual(8 * 20 - 10);
  expect(inTest).toBeGreaterThanOrEqual(8 * 80 - 10);
});

test("no more than ten are under way, and the next goes as soon as one is done", async () => {
  const limiter = new Limiter(true);
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const all = Array.from({ length: 14 }, (_, index) =>
    limiter.run(`/v1/${index}`, never, async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running--;
    }),
  );
  await expect.poll(() => running).toBe(10);
  for (let done = 0; done < 14; done++) {
    await expect.poll(() => ends.length).toBeGreaterThan(0);
    ends.shift()!();
  }
  await Promise.all(all);
  expect(most).toBe(10);
});

test("a pause holds everybody, and whoever gives up while he waits takes no place", async () => {
  const limiter = new Limiter(true);
  limiter.pause(150);
  const stop = new AbortController();
  const given = limiter.run("/v1/a", stop.signal, async () => "never");
  stop.abort(new Error("enough"));
  await expect(given).rejects.toThrow();
  expect((await starts(limiter, ["/v1/a"]))[0]!).toBeGreaterThanOrEqual(140);
  await expect(limiter.run("/v1/a", stop.signal, async () => "never")).rejects.toThrow("enough");
});
