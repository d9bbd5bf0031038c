import { type Decimal, divide, exact, formatDecimal, parseDecimal } from "./decimal.ts";

/** ISO 4217: active currencies, by how many decimals their minor unit has (2 unless listed). */
const exponents: Readonly<Record<string, readonly string[]>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "),
  3: "BHD IQD JOD KWD LYD OMR TND".split(" "),
  4: "CLF UYW".split(" "),
};
const twoDecimals =
  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL".split(
    " ",
  );

const exponentOf: ReadonlyMap<string, number> = new Map([
  ...twoDecimals.map((code) => [code, 2] as const),
  ...Object.entries(exponents).flatMap(([exponent, codes]) =>
    codes.map((code) => [code, Number(exponent)] as const),
  ),
]);

/** All known codes, sorted. */
export const currencyCodes: readonly string[] = [...exponentOf.keys()].sort();

/** Takes upper-case codes only. */
export const isCurrency = (code: string): boolean => exponentOf.has(code);

/** Decimals of the minor unit: JPY 0, USD 2, KWD 3. Throws RangeError for an unknown code. */
export function currencyExponent(code: string): number {
  const exponent = exponentOf.get(code);
  if (exponent === undefined) throw new RangeError(`unknown currency: ${code}`);
  return exponent;
}

/** Minor units (cents) as text → major units: ('12345', 'USD') → '123.45'. */
export const minorToMajor = (minor: Decimal, code: string): Decimal =>
  formatDecimal(divide(parseDecimal(minor), exact(10n ** BigInt(currencyExponent(code)))));
