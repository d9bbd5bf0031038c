/**
 * Exact numbers: fractions of big integers, so that a division in the middle of a formula loses nothing. Rounding happens
 * once, where a number leaves: `formatDecimal` (half-even, for the wire) or `toStored` (as numeric(38,12) stores it).
 */

/** Decimal text in major units, e.g. '-166.666666666667'. */
export type Decimal = string;

/** A reduced fraction; `den` is above 0. */
export interface Exact {
  readonly num: bigint;
  readonly den: bigint;
}

const wire = /^([+-]?)(\d+)(?:\.(\d+))?$/;

const safe = BigInt(Number.MAX_SAFE_INTEGER);
const isSafe = (value: bigint): boolean => value <= safe && value >= -safe;

/** Both are 0 or above. Most numbers fit floats exactly, which take a fraction of the time. */
function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) {
    if (isSafe(x) && isSafe(y)) return BigInt(safeGcd(Number(x), Number(y)));
    [x, y] = [y, x % y];
  }
  return x;
}

function safeGcd(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** `num / den`, reduced. Throws RangeError where `den` is 0 or a number is not whole. */
export function exact(num: bigint | number, den: bigint | number = 1n): Exact {
  const [n, d] = [BigInt(num), BigInt(den)];
  if (d === 0n) throw new RangeError("a fraction's denominator is 0");
  if (d === 1n) return { num: n, den: d };
  const divisor = gcd(n < 0n ? -n : n, d < 0n ? -d : d) * (d < 0n ? -1n : 1n);
  return { num: n / divisor, den: d / divisor };
}

export const zero: Exact = { num: 0n, den: 1n };
export const one: Exact = { num: 1n, den: 1n };

/** Reads decimal text with any number of decimals. Throws RangeError for anything else (exponents, groups, blanks). */
export function parseDecimal(text: Decimal): Exact {
  const match = wire.exec(text);
  if (!match) throw new RangeError(`not a decimal number: ${text}`);
  const [, sign, whole = "0", given = ""] = match;
  const fraction = given.replace(/0+$/, "");
  const digits = BigInt(whole + fraction);
  return exact(sign === "-" ? -digits : digits, 10n ** BigInt(fraction.length));
}

export const add = (a: Exact, b: Exact): Exact =>
  a.den === b.den ? exact(a.num + b.num, a.den) : exact(a.num * b.den + b.num * a.den, a.den * b.den);
const negate = (a: Exact): Exact => ({ num: -a.num, den: a.den });
export const subtract = (a: Exact, b: Exact): Exact => add(a, negate(b));
export const multiply = (a: Exact, b: Exact): Exact => exact(a.num * b.num, a.den * b.den);
/** Throws RangeError where `b` is 0. */
export const divide = (a: Exact, b: Exact): Exact => exact(a.num * b.den, a.den * b.num);
export const compare = (a: Exact, b: Exact): -1 | 0 | 1 => {
  const [left, right] = [a.num * b.den, b.num * a.den];
  return left < right ? -1 : left > right ? 1 : 0;
};
export const isZero = (a: Exact): boolean => a.num === 0n;
export const isPositive = (a: Exact): boolean => a.num > 0n;
export const sum = (terms: Iterable<Exact>): Exact => {
  let total = zero;
  for (const term of terms) total = add(total, term);
  return total;
};

type Tie = "even" | "away";

/** `a × 10^decimals`, rounded to a whole number. */
const scaled = (a: Exact, decimals: number, tie: Tie): bigint =>
  divided(a.num * 10n ** BigInt(decimals), a.den, tie);

/** `value / by`, rounded to a whole number; `by` is above 0. */
function divided(value: bigint, by: bigint, tie: Tie): bigint {
  const magnitude = value < 0n ? -value : value;
  const quotient = magnitude / by;
  const twice = (magnitude % by) * 2n;
  const up = twice > by || (twice === by && (tie === "away" || quotient % 2n === 1n));
  const rounded = up ? quotient + 1n : quotient;
  return value < 0n ? -rounded : rounded;
}

function scaledText(value: bigint, decimals: number): Decimal {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Wire text: at most `decimals` decimals (12), rounded half-even, trailing zeros cut, never '-0'. */
export const formatDecimal = (a: Exact, decimals = 12): Decimal =>
  scaledText(scaled(a, decimals, "even"), decimals);

/** As numeric(38,12) stores it: 12 decimals, half away from zero, which is how Postgres rounds. */
export const toStored = (a: Exact): Decimal => scaledText(scaled(a, 12, "away"), 12);

/**
 * Ledger amounts (at most 12 decimals) as whole numbers of 10^-12, for adding up many of them.
 * Throws RangeError for text with more decimals.
 */
export function toUnits(text: Decimal): bigint {
  const match = wire.exec(text);
  if (!match) throw new RangeError(`not a decimal number: ${text}`);
  const [, sign, whole = "0", fraction = ""] = match;
  if (/[1-9]/.test(fraction.slice(12))) throw new RangeError(`more than 12 decimals: ${text}`);
  const units = BigInt(whole + fraction.slice(0, 12).padEnd(12, "0"));
  return sign === "-" ? -units : units;
}
export const fromUnits = (units: bigint): Decimal => scaledText(units, 12);

/** MRR wire text from an annual amount: a twelfth, rounded half-even once. */
export const mrrFromAnnual = (annual: Decimal): Decimal =>
  formatDecimal(divide(parseDecimal(annual), exact(12)));
/** The same from whole numbers of 10^-12. */
export const mrrFromUnits = (annual: bigint): Decimal => scaledText(divided(annual, 12n, "even"), 12);

/** The float nearest to `part / whole`, of two counts or of two amounts in units of 10^-12; `whole` is not 0. */
export function ratioOf(part: bigint, whole: bigint): number {
  // a quotient of two integers that floats hold exactly is rounded once, by the division itself
  if (isSafe(part) && isSafe(whole)) return Number(part) / Number(whole) || 0;
  return toNumber(whole < 0n ? { num: -part, den: -whole } : { num: part, den: whole });
}

/** As many as it has, or up to three more. */
const bitsOf = (positive: bigint): number => positive.toString(16).length * 4;

/** The nearest float, for rates and ratios, which are numbers on the wire; the fraction need not be reduced. */
export function toNumber({ num, den }: Exact): number {
  if (num === 0n) return 0;
  const magnitude = num < 0n ? -num : num;
  // at least 60 binary digits, more than a float holds, whatever the size of the two integers
  const shift = 64 + bitsOf(den) - bitsOf(magnitude);
  const [dividend, divisor] =
    shift >= 0 ? [magnitude << BigInt(shift), den] : [magnitude, den << BigInt(-shift)];
  const quotient = dividend / divisor;
  // what is left over decides only where the digits lie half-way between two floats
  const digits = quotient * divisor === dividend ? quotient : quotient | 1n;
  return Number(num < 0n ? -digits : digits) * 2 ** -shift;
}
