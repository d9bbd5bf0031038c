import { type Decimal, divide, type Exact, exact, formatDecimal } from "#metrics/decimal.ts";

/**
 * How many decimals Stripe's smallest unit has. Not always ISO 4217's: ISK and UGX were once without decimals, and ISK is sent
 * with two since. Source: docs.stripe.com/currencies.
 */
const withoutDecimals = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split(" "));
const withThree = new Set("BHD JOD KWD OMR TND".split(" "));

const stripeExponent = (currency: string): number =>
  withoutDecimals.has(currency) ? 0 : withThree.has(currency) ? 3 : 2;

/** Stripe's smallest units → major units. `currency` in upper case. */
export const toMajor = (minor: Exact, currency: string): Exact =>
  divide(minor, exact(10n ** BigInt(stripeExponent(currency))));

const formats = new Map<string, Intl.NumberFormat>();

/** '$20.00', '¥1,000', '$0.0125': for reading. */
export function moneyText(amount: Exact, currency: string): string {
  const digits = stripeExponent(currency);
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat("en", {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: 12,
    });
    formats.set(currency, format);
  }
  return format.format(formatDecimal(amount) as `${number}`);
}

/** Cut to 12 decimals for the wire. */
export const decimalText = (amount: Exact): Decimal => formatDecimal(amount);
