/** Reading what a vendor says without trusting its shape: what is not as expected is null or empty, never an error. */

export type Json = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;

export const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;

/** An instant in whole seconds since 1970. */
export const seconds = (value: unknown): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : null;

/** A number as decimal text, whether it came as a number, as text or as an object that prints as one. */
export function decimal(value: unknown): string | null {
  if (value === null || value === undefined || typeof value === "boolean" || Array.isArray(value))
    return null;
  const printed = String(value);
  return /^-?\d{1,30}(\.\d{1,30})?$/.test(printed) ? printed : null;
}

/** The members of an array, or of a list object `{data: […]}`. */
export function list(value: unknown): readonly unknown[] {
  const members = Array.isArray(value) ? value : record(value)?.data;
  return Array.isArray(members) ? members : [];
}

export const records = (value: unknown): Json[] =>
  list(value).flatMap((member) => {
    const found = record(member);
    return found ? [found] : [];
  });

/** A reference, expanded or not. */
export const idOf = (value: unknown): string | null => text(value) ?? text(record(value)?.id);
