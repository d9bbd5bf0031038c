/** The filters of a projection as numbers are asked with them: key → values. What cannot be read is left out. */
export function readFilters(stored: Readonly<Record<string, unknown>>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const id of Object.keys(stored).sort()) {
    const entry = stored[id];
    if (typeof entry !== "object" || entry === null || !("key" in entry) || !("values" in entry)) continue;
    const { key, values } = entry;
    if (typeof key !== "string" || !filterKeys.test(key) || key.length > 220 || !Array.isArray(values))
      continue;
    const texts = values.filter((value): value is string => typeof value === "string").slice(0, 200);
    if (texts.length > 0) found[key] = texts;
  }
  return found;
}

const filterKeys = /^(plan|interval|currency|source|country|size|tenure|segment|attr\.[\s\S]+)$/;
