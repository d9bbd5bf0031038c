import { AppError } from "#root/errors.ts";

/** The opaque `next` of a list: the sort key of the last row that was given. */
export const encodeCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString("base64url");

/** @throws AppError BAD_REQUEST, reason `bad_cursor`, unless it has `length` parts of text or number */
export function decodeCursor(cursor: string, length: number): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(key) && key.length === length && key.every(isPart)) return key;
  } catch {
    // falls through: not one of ours
  }
  throw new AppError("BAD_REQUEST", "This cursor is not one that a list gave out.", { reason: "bad_cursor" });
}

const isPart = (part: unknown): part is string | number =>
  typeof part === "string" || typeof part === "number";

/** Cuts one row too many off a page and says where the next begins: ask the database for `limit + 1`. */
export function page<Row>(rows: Row[], limit: number, key: (row: Row) => readonly (string | number)[]) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The one part of a cursor that is the id of a row; null for the first page. */
export function decodeIdCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === "string" && uuid.test(id)) return id;
  throw new AppError("BAD_REQUEST", "This cursor is not one that a list gave out.", { reason: "bad_cursor" });
}
