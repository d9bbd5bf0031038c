import { describe, expect, test } from "vitest";
import { createPasswordHasher, createSemaphore } from "./password.ts";
import { isGuessable } from "./password-policy.ts";

const nobody = { email: "ada@lovelace.example", name: "Ada Lovelace" };

describe("a password hash", () => {
  test("is argon2id, salted, and fits its password only", async () => {
    const hasher = createPasswordHasher();
    const [one, two] = await Promise.all([hasher.hash("seven chairs"), hasher.hash("seven chairs")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await hasher.verify(one, "seven chairs")).toEqual({ ok: true, rehash: false });
    expect(await hasher.verify(one, "seven chair")).toEqual({ ok: false, rehash: false });
    expect(await hasher.verify(null, "anything")).toEqual({ ok: false, rehash: false });
    expect(await hasher.verify("not a hash", "anything")).toEqual({ ok: false, rehash: false });
  });

  test("may be typed on another keyboard: composed and decomposed letters are one password", async () => {
    const hasher = createPasswordHasher();
    expect((await hasher.verify(await hasher.hash("é".normalize("NFC")), "é".normalize("NFD"))).ok).toBe(
      true,
    );
  });
});

test("a few hashes run at once, some wait, and a flood is turned away", async () => {
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const turn = createSemaphore(2, 3);
  const work = () =>
    turn(async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((go) => release.push(go));
      running--;
    });
  const calls = Array.from({ length: 7 }, work);
  const outcomes = Promise.allSettled(calls);
  await expect(calls[5]).rejects.toMatchObject({ code: "RATE_LIMITED" });
  for (let done = 0; done < 5; done++) {
    await expect.poll(() => release.length).toBeGreaterThan(0);
    release.shift()?.();
  }
  expect((await outcomes).filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  expect(most).toBe(2);
});

describe("a password that guessers try first", () => {
  test.each([
    "passwordpassword",
    "Password12345678!",
    "!!!iloveyou2024!!!",
    "123456789012345",
    "987654321098765",
    "qwertyuiopasdfgh",
    "poiuytrewqlkjhg",
    "qazwsxedcrfvtgby",
    "abcabcabcabcabc",
    "aaaaaaaaaaaaaaaa",
    "jarvis360360360",
    "lovelace-1815-1852",
    "adaadaadaadaada",
  ])("is refused: %s", (password) => {
    expect(isGuessable(password, nobody)).toBe(true);
  });

  test.each([
    "correct horse battery staple",
    "seven unlikely garden chairs",
    "Tr0ub4dor&3 is too short",
    "пятнадцать зелёных слонов",
    "这是一个很长的密码没有人知道它",
    "x7Qp-29fL-mW0z-1tRb",
  ])("is not: %s", (password) => {
    expect(isGuessable(password, nobody)).toBe(false);
  });

  test("is found in no time, however long the text", () => {
    const began = performance.now();
    for (const text of ["a".repeat(1024), "ab".repeat(512), "aab".repeat(340), `${"x1".repeat(500)}!`])
      isGuessable(text, nobody);
    expect(performance.now() - began).toBeLessThan(50);
  });
});
