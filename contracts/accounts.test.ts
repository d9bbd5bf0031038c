import { describe, expect, test } from "vitest";
import { currencyCode, email, linkToken, newPassword, timeZone } from "./accounts.ts";

describe("an e-mail address", () => {
  test("is one however it was typed", () => {
    expect(email.parse("  Ada.Lovelace+Books@Example.COM ")).toBe("ada.lovelace+books@example.com");
  });

  test.each([
    "",
    "ada",
    "ada@",
    "@example.com",
    "ada@example",
    "a b@example.com",
    "аda@example.com",
    "ada@example.com\nBcc: x@y.zz",
  ])("is not %j", (text) => {
    expect(email.safeParse(text).success).toBe(false);
  });
});

test("a time zone is a place, not an offset", () => {
  for (const zone of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
    expect(timeZone.safeParse(zone).success).toBe(true);
  for (const zone of ["", "+01:00", "Mars/Olympus", "'; DROP TABLE customer; --", "x".repeat(70)])
    expect(timeZone.safeParse(zone).success).toBe(false);
});

test("a password is counted in characters, not in bytes", () => {
  expect(newPassword.safeParse("😀".repeat(14)).success).toBe(false);
  expect(newPassword.safeParse("😀".repeat(15)).success).toBe(true);
});

test("100 KB of anything are judged in no time", () => {
  const hostile = ["a", "a@", "a.", "@a.", " ", "\t", "-a", "a/", "%2f"].map((unit) =>
    unit.repeat(100_000 / unit.length),
  );
  for (const schema of [email, timeZone, currencyCode, linkToken, newPassword])
    for (const text of hostile) {
      const began = performance.now();
      schema.safeParse(text);
      schema.safeParse(`${text}!`);
      expect(performance.now() - began).toBeLessThan(50);
    }
});
