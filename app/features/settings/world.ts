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
