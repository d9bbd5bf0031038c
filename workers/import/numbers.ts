/** Decimal numbers as files write them → plain decimal text; what could mean two numbers is refused, not guessed. */

const pointForm = /^(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$|^\.\d+$/;
const commaForm = /^(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$|^,\d+$/;
/** Amounts and their annual value fit numeric(38,12). */
const maxWholeDigits = 15;

export interface ParsedNumber {
  /** `-1234.5`: digits, one point, no leading zeros beyond one. */
  text: string;
  negative: boolean;
  /** `€`, `$`, `USD` …, if one stood beside the digits. */
  symbol: string | null;
}

const symbols = /^([A-Z]{3}|[$€£¥₹]|[A-Z]{1,2}\$)?\s*(.*?)\s*([A-Z]{3}|[$€£¥₹])?$/su;

/**
 * Takes signs, grouping (comma or point, space, apostrophe), a currency symbol, and accountants' parentheses.
 * @returns null for what is no plain number: NaN, 1e400, 1,2,3
 */
export function parseNumber(given: string, decimalComma: boolean): ParsedNumber | null {
  const trimmed = given.trim();
  if (trimmed.length > 80) return null;
  const inParentheses = /^\((.*)\)$/s.exec(trimmed);
  const signed = signOf(inParentheses ? inParentheses[1]!.trim() : trimmed);
  const match = symbols.exec(signed.rest);
  if (!match) return null;
  const inner = signOf(match[2]!);
  const sign = [signed.sign, inner.sign].filter((found) => found !== "");
  if (sign.length > 1 || (inParentheses && sign.length > 0)) return null;
  if (match[1] && match[3]) return null;
  const digits = inner.rest.replace(/(\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))/g, "$1");
  if (!(decimalComma ? commaForm : pointForm).test(digits)) return null;
  const plain = decimalComma ? digits.replaceAll(".", "").replace(",", ".") : digits.replaceAll(",", "");
  const [whole = "", fraction = ""] = plain.split(".");
  const significant = whole.replace(/^0+(?=\d)/, "") || "0";
  if (significant.length > maxWholeDigits) return null;
  const value = fraction === "" ? significant : `${significant}.${fraction}`;
  const isZero = !/[1-9]/.test(value);
  const negative = (inParentheses !== null || sign[0] === "-") && !isZero;
  return { text: negative ? `-${value}` : value, negative, symbol: match[1] ?? match[3] ?? null };
}

function signOf(text: string): { sign: string; rest: string } {
  const first = text[0] ?? "";
  if (first === "-" || first === "\u2212") return { sign: "-", rest: text.slice(1).trimStart() };
  return first === "+" ? { sign: "+", rest: text.slice(1).trimStart() } : { sign: "", rest: text };
}

/** What one value says about whether the comma is the decimal sign. */
export type CommaEvidence = "comma" | "point" | "either" | "none";

export function commaEvidence(given: string): CommaEvidence {
  const text = given.trim();
  if (text.length > 80 || !/\d/.test(text)) return "none";
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma < 0 && point < 0) return "none";
  if (comma >= 0 && point >= 0) return comma > point ? "comma" : "point";
  const sign = comma >= 0 ? "," : ".";
  const at = Math.max(comma, point);
  const repeated = text.indexOf(sign) !== at;
  const grouping =
    /^\d{3}(?!\d)/.test(text.slice(at + 1)) && /(^|[^\d])[1-9]\d{0,2}$/.test(text.slice(0, at));
  if (repeated) return sign === "," ? "point" : "comma";
  // a lone point before three digits is taken for a decimal point unless another value says otherwise
  if (grouping) return sign === "," ? "either" : "none";
  return sign === "," ? "comma" : "point";
}

/** Which currencies a symbol can stand for; a row in another currency is refused. */
export function symbolFits(symbol: string, currency: string): boolean {
  if (/^[A-Z]{3}$/.test(symbol)) return symbol === currency;
  if (symbol.endsWith("$")) return !["EUR", "GBP", "JPY", "CHF", "CNY", "INR"].includes(currency);
  if (symbol === "¥") return currency === "JPY" || currency === "CNY";
  return { "€": "EUR", "£": "GBP", "₹": "INR" }[symbol] === currency;
}
