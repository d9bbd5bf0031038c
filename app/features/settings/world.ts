/** The time zones that this server knows, UTC first; `also` is among them even if it goes by an old name. */
export function timeZones(also: string): string[] {
  const known = new Set(["UTC", ...Intl.supportedValuesOf("timeZone")]);
  known.add(also);
  return [...known];
}

const common = ["USD", "EUR", "GBP"];

/** Currencies with their English names, the most common first. */
export function currencyNames(also: string): { code: string; name: string }[] {
  const names = new Intl.DisplayNames("en", { type: "currency" });
  const codes = new Set([...common, also, ...Intl.supportedValuesOf("currency")]);
  return [...codes].map((code) => ({ code, name: names.of(code) ?? code }));
}

/** January is 1 on the wire. */
export const monthNames = Array.from({ length: 12 }, (_, i) =>
  new Date(Date.UTC(2026, i, 1)).toLocaleDateString("en", { month: "long", timeZone: "UTC" }),
);
/** Monday is 1 on the wire: 5 January 2026 was one. */
export const weekdayNames = Array.from({ length: 7 }, (_, i) =>
  new Date(Date.UTC(2026, 0, 5 + i)).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" }),
);
