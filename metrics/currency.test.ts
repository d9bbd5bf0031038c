import { expect, it } from "vitest";
import { currencyCodes, currencyExponent, isCurrency, minorToMajor } from "./currency.ts";

it("minor units follow ISO 4217: JPY 0, USD 2, KWD 3", () => {
  expect(["JPY", "USD", "KWD"].map(currencyExponent)).toEqual([0, 2, 3]);
  expect(minorToMajor("12345", "USD")).toBe("123.45");
  expect(minorToMajor("12000", "JPY")).toBe("12000");
  expect(minorToMajor("5120", "KWD")).toBe("5.12");
});

it("codes are known once each, in upper case", () => {
  expect(new Set(currencyCodes).size).toBe(currencyCodes.length);
  expect(currencyCodes.every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
  expect(isCurrency("usd")).toBe(false);
  expect(() => currencyExponent("XXX")).toThrow(RangeError);
});
