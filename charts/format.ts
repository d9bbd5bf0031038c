import type { MetricUnit } from "#contracts/analytics.ts";

/**
 * Numbers as text, the same on the server and in the browser: one locale, a true minus sign (−), and money taken from its
 * exact decimal string (never through a float). Figures are meant for `tabular-nums`. What is absent reads "–".
 */

const locale = "en-US";
export const absent = "–";
const minus = "−";

const decimalText = /^-?\d+(\.\d+)?$/;
const isDecimal = (text: string): text is `${number}` => decimalText.test(text);
const trueMinus = (text: string): string => text.replace("-", minus);

const formats = new Map<string, Intl.NumberFormat>();

/** Intl formats are slow to make and cheap to keep. */
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, options);
  formats.set(key, made);
  return made;
}

export interface MoneyOptions {
  /**
   * exact: all minor units, cut when they are zero ($48,000, $166.67) · whole: no minor units · short: whole below a million, then four
   * figures ($1.392M) · axis: as short as possible (20k, no currency sign) · cents: minor units always, for columns that mix.
   */
  style?: "exact" | "whole" | "short" | "axis" | "cents";
  /** A plus sign before gains. */
  signed?: boolean;
}

/** `"1392240"`, `"USD"` → `$1,392,240`. The value is the API's decimal string in major units. */
export function formatMoney(
  value: string | number | null | undefined,
  currency: string,
  options: MoneyOptions = {},
): string {
  if (value === null || value === undefined) return absent;
  const amount = typeof value === "number" ? value : isDecimal(value) ? value : null;
  if (amount === null) return absent;
  const style = options.style ?? "exact";
  const signDisplay = options.signed ? "exceptZero" : "negative";
  if (style === "axis") return formatCompact(Number(amount), { signed: options.signed });
  const base = { style: "currency", currency, signDisplay } as const;
  if (style === "short" && Math.abs(Number(amount)) >= 999_999.5)
    return trueMinus(
      numberFormat({
        ...base,
        notation: "compact",
        minimumSignificantDigits: 4,
        maximumSignificantDigits: 4,
      }).format(amount),
    );
  if (style === "short" || style === "whole")
    return trueMinus(numberFormat({ ...base, maximumFractionDigits: 0 }).format(amount));
  return trueMinus(
    numberFormat({
      ...base,
      trailingZeroDisplay: style === "cents" ? "auto" : "stripIfInteger",
    }).format(amount),
  );
}

/** The sign that stands for a currency, e.g. `$`, `€`, `CA$`. */
export const currencySign = (currency: string): string =>
  numberFormat({ style: "currency", currency })
    .formatToParts(0)
    .find((part) => part.type === "currency")?.value ?? currency;

/** 1,412. Counts of customers, rows and the like. */
export const formatCount = (value: number | null | undefined, options: { signed?: boolean } = {}): string =>
  value === null || value === undefined
    ? absent
    : trueMinus(
        numberFormat({
          maximumFractionDigits: 0,
          signDisplay: options.signed ? "exceptZero" : "negative",
        }).format(value),
      );

/** 1 row, 2 rows; `plural` where an s does not do. */
export const formatCounted = (value: number, singular: string, plural = `${singular}s`): string =>
  `${formatCount(value)} ${value === 1 ? singular : plural}`;

/** 20k, 1.2M: for axes and badges. */
export function formatCompact(value: number | null | undefined, options: { signed?: boolean } = {}): string {
  if (value === null || value === undefined) return absent;
  const text = numberFormat({
    notation: "compact",
    maximumSignificantDigits: 3,
    signDisplay: options.signed ? "exceptZero" : "negative",
  }).format(value);
  return trueMinus(text.replace("K", "k"));
}

/** 0.1 → `10.0%`. */
export const formatPercent = (
  rate: number | null | undefined,
  options: { digits?: number; signed?: boolean } = {},
): string =>
  rate === null || rate === undefined
    ? absent
    : trueMinus(
        numberFormat({
          style: "percent",
          minimumFractionDigits: options.digits ?? 1,
          maximumFractionDigits: options.digits ?? 1,
          signDisplay: options.signed ? "exceptZero" : "negative",
        }).format(rate),
      );

/** The difference of two rates in percentage points: 0.006 → `+0.6 pt`. */
export const formatPoints = (
  difference: number | null | undefined,
  options: { signed?: boolean } = { signed: true },
): string =>
  difference === null || difference === undefined
    ? absent
    : `${trueMinus(
        numberFormat({
          minimumFractionDigits: 1,
          maximumFractionDigits: 1,
          signDisplay: options.signed ? "exceptZero" : "negative",
        }).format(difference * 100),
      )} pt`;

/** 3.4 → `3.4`; ratios such as the quick ratio. */
export const formatRatio = (
  value: number | null | undefined,
  options: { digits?: number; signed?: boolean } = {},
): string =>
  value === null || value === undefined
    ? absent
    : trueMinus(
        numberFormat({
          minimumFractionDigits: options.digits ?? 1,
          maximumFractionDigits: options.digits ?? 1,
          signDisplay: options.signed ? "exceptZero" : "negative",
        }).format(value),
      );

/** 14.2 → `14.2 months`. */
export const formatMonths = (value: number | null | undefined): string =>
  value === null || value === undefined
    ? absent
    : `${formatRatio(value)} ${value === 1 ? "month" : "months"}`;

/** A metric's value by its unit; `style` concerns money only. */
export function formatMetric(
  value: string | number | null | undefined,
  unit: MetricUnit,
  currency: string,
  style: MoneyOptions["style"] = "exact",
): string {
  if (unit === "money") return formatMoney(value, currency, { style });
  const number = typeof value === "string" ? Number(value) : value;
  switch (unit) {
    case "count":
      return formatCount(number);
    case "rate":
      return formatPercent(number);
    case "ratio":
      return formatRatio(number);
    case "months":
      return formatMonths(number);
  }
}

const byteUnits = ["bytes", "KB", "MB", "GB", "TB"] as const;

/** 73400320 → `73.4 MB` (decimal units, as file managers show them). */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let step = 0;
  while (size >= 999.5 && step < byteUnits.length - 1) {
    size /= 1000;
    step += 1;
  }
  if (step === 0) return formatCounted(bytes, "byte");
  const digits = size < 10 ? 1 : 0;
  return `${numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(size)} ${byteUnits[step]}`;
}
