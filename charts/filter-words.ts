import { sizeBands } from "#metrics/composition.ts";
import { tenureBands } from "#metrics/tenure.ts";
import { formatCount } from "./format.ts";

/** The bands of size and tenure in words; every other value is its own name. */

const keyNames: Record<string, string> = {
  segment: "Segment",
  plan: "Plan",
  interval: "Billing interval",
  currency: "Currency",
  source: "Source",
  country: "Country",
  size: "Size",
  tenure: "Tenure",
};

export const filterKeyName = (key: string): string => keyNames[key] ?? key.replace(/^attr\./, "");

const band = (key: string, bands: readonly { key: string; from: number }[]): string | null => {
  const at = bands.findIndex((one) => one.key === key);
  const [from, to] = [bands[at]?.from, bands[at + 1]?.from];
  if (from === undefined) return null;
  if (to === undefined) return `at least ${formatCount(from)}`;
  return from === 0 ? `under ${formatCount(to)}` : `${formatCount(from)} to ${formatCount(to)}`;
};

/** `100 to 250 MRR`, `3 to 6 months`; the empty value is "Not set". */
export function filterValueName(key: string, value: string): string {
  if (value === "") return key === "size" ? "Pays nothing" : key === "tenure" ? "Never paid" : "Not set";
  if (key === "size") return suffixed(band(value, sizeBands), "MRR", value);
  if (key === "tenure") return suffixed(band(value, tenureBands), "months", value);
  return value;
}

const suffixed = (words: string | null, unit: string, value: string): string =>
  words === null ? value : `${words.charAt(0).toUpperCase()}${words.slice(1)} ${unit}`;
