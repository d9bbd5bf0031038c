import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  divide,
  exact,
  formatDecimal,
  fromUnits,
  mrrFromAnnual,
  mrrFromUnits,
  parseDecimal,
  ratioOf,
  toNumber,
  toStored,
  toUnits,
} from "./decimal.ts";

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, scale]) => exact(digits, 10n ** BigInt(scale)));

describe("decimals", () => {
  it("format and parse are each other's inverse", () => {
    fc.assert(
      fc.property(decimals, (value) => {
        const text = formatDecimal(value);
        expect(text).toMatch(/^-?\d+(\.\d{0,11}[1-9])?$/);
        expect(parseDecimal(text)).toEqual(value);
        expect(fromUnits(toUnits(text))).toBe(text);
      }),
    );
  });

  it("round half to even, once, at output", () => {
    expect(formatDecimal(parseDecimal("0.0000000000005"))).toBe("0");
    expect(formatDecimal(parseDecimal("0.0000000000015"))).toBe("0.000000000002");
    expect(formatDecimal(parseDecimal("-0.0000000000025"))).toBe("-0.000000000002");
    expect(formatDecimal(parseDecimal("2.5"), 0)).toBe("2");
  });

  it("are stored half away from zero, as Postgres rounds", () => {
    expect(toStored(parseDecimal("0.0000000000005"))).toBe("0.000000000001");
    expect(toStored(parseDecimal("-0.0000000000025"))).toBe("-0.000000000003");
  });

  it("write no negative zero and no trailing zeros", () => {
    expect(formatDecimal(parseDecimal("-0.00"))).toBe("0");
    expect(formatDecimal(parseDecimal("+0100.500"))).toBe("100.5");
  });

  it("refuse what is no decimal", () => {
    for (const text of ["", "1e3", "1,000", " 1", "NaN", ".5", "1.", "--1"])
      expect(() => parseDecimal(text)).toThrow(RangeError);
    for (const text of ["0.0000000000001", "1e3", "", "1."]) expect(() => toUnits(text)).toThrow(RangeError);
    expect(toUnits("-1.5000000000000")).toBe(-1_500_000_000_000n);
    expect(() => divide(exact(1), exact(0))).toThrow(RangeError);
  });

  it("T2 an annual amount is a twelfth a month: 2,000 a year is 166.666666666667", () => {
    expect(mrrFromAnnual("2000")).toBe("166.666666666667");
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 24n), 10n ** 24n), (units) => {
        expect(mrrFromUnits(units)).toBe(mrrFromAnnual(fromUnits(units)));
      }),
    );
  });

  it("become the nearest float whatever their size", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-9, max: 1e15 }), (value) => {
        const scaled = exact(BigInt(Math.round(value * 1e6)), 1_000_000n);
        expect(toNumber(scaled)).toBe(Math.round(value * 1e6) / 1e6);
      }),
    );
    // halfway between two floats, and a hair past it
    expect(toNumber(exact(2n ** 53n + 1n))).toBe(2 ** 53);
    expect(toNumber(exact((2n ** 53n + 1n) * 10n ** 40n + 1n, 10n ** 40n))).toBe(2 ** 53 + 2);
    expect(toNumber(exact(1, 3))).toBe(1 / 3);
    expect(toNumber(exact(-(10n ** 60n), 3n * 10n ** 60n))).toBe(-1 / 3);
  });

  it("become the float that their text is read as", () => {
    fc.assert(
      fc.property(decimals, (value) => {
        expect(toNumber(value)).toBe(Number(formatDecimal(value)));
      }),
    );
  });

  it("have the nearest float as their ratio, whichever way it is worked out", () => {
    const units = fc.oneof(
      fc.bigInt(-1_000_000n, 1_000_000n),
      fc.bigInt(-1_000_000n, 1_000_000n).map((n) => n * 10n ** 10n),
      fc.bigInt(-(10n ** 24n), 10n ** 24n),
    );
    fc.assert(
      fc.property(units, units, (part, whole) => {
        fc.pre(whole !== 0n);
        expect(ratioOf(part, whole)).toBe(toNumber(exact(part, whole)));
      }),
    );
  });
});
