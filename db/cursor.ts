import { AppError } from "#root/errors.ts";

/** The opaque `next` of a list: the sort key of the last row that was given. */
export const encodeCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString("base64url");

/** What a part of a sort key may be: it comes back from outside, and must not reach a cast as anything else. */
const partKinds = {
  id: isLike(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  bigint: isLike(/^\d{1,18}$/),
  decimal: isLike(/^-?\d{1,38}(\.\d{1,38})?$/),
  /** Of a calendar, or Postgres' infinities, where what has no day comes last. */
  day: (part: string) => part === "infinity" || part === "-infinity" || isDay(part),
  month: (part: string) => isDay(`${part}-01`),
  instant: isLike(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/),
  integer: isLike(/^\d{1,9}$/),
  text: (part: string) => !part.includes("\u0000"),
} satisfies Record<string, (part: string) => boolean>;

type PartKind = keyof typeof partKinds;
type Parts<Kinds extends readonly PartKind[]> = {
  -readonly [At in keyof Kinds]: Kinds[At] extends "integer" ? number : string;
};

/** @throws AppError BAD_REQUEST, reason `bad_cursor`, unless its parts are of these kinds: it may be another list's */
export function decodeCursor<const Kinds extends readonly PartKind[]>(
  cursor: string,
  kinds: Kinds,
): Parts<Kinds> {
  const key = partsOf(cursor);
  if (key?.length !== kinds.length || !kinds.every((kind, at) => partKinds[kind](key[at]!)))
    throw badCursor();
  return key.map((part, at) => (kinds[at] === "integer" ? Number(part) : part)) as Parts<Kinds>;
}

/** The one part of a cursor that is the id of a row; null for the first page. */
export const decodeIdCursor = (cursor: string | undefined): string | null =>
  cursor === undefined ? null : decodeCursor(cursor, ["id"])[0];

export const badCursor = (): AppError =>
  new AppError("BAD_REQUEST", "This cursor is not one that a list gave out.", { reason: "bad_cursor" });

/** Cuts one row too many off a page and says where the next begins: ask the database for `limit + 1`. */
export function page<Row>(rows: Row[], limit: number, key: (row: Row) => readonly (string | number)[]) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null };
}

function partsOf(cursor: string): string[] | null {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(key) && key.every(isPart) ? key.map(String) : null;
  } catch {
    return null;
  }
}

const isPart = (part: unknown): part is string | number =>
  typeof part === "string" || typeof part === "number";

function isLike(pattern: RegExp): (part: string) => boolean {
  return (part) => pattern.test(part);
}

function isDay(part: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(part) || part.startsWith("0000")) return false;
  const day = new Date(`${part}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(part);
}
