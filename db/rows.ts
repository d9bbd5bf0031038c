import { createHash } from "node:crypto";
import { DrizzleQueryError, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import pg from "pg";

export interface RowsOptions {
  /**
   * Each connection reads and plans the statement once and keeps it: for a text that stays the same and is asked all the time. Its plan
   * is made for any values, so they must not decide how it is best done.
   */
  prepared?: boolean;
}

const dialect = new PgDialect();

/** Of each, the backend keeps the plan and the driver the text. */
const mostPrepared = 250;
const preparedOn = new WeakMap<pg.ClientBase, Set<string>>();

/** The name under which a connection keeps a statement; undefined: it keeps enough. */
function nameOf(client: pg.ClientBase, text: string): string | undefined {
  const names = preparedOn.get(client) ?? new Set();
  preparedOn.set(client, names);
  const name = createHash("md5").update(text).digest("base64url");
  if (names.size < mostPrepared) names.add(name);
  return names.has(name) ? name : undefined;
}

const { builtins } = pg.types;
/** What the driver would make a `Date` of, or worse, and lists of it. */
const asText: ReadonlySet<number> = new Set([
  ...[builtins.TIMESTAMPTZ, builtins.TIMESTAMP, builtins.DATE, builtins.INTERVAL],
  ...[1185, 1115, 1182, 1187, 1231],
]);
const keep = (value: string): string => value;
const types: pg.CustomTypesConfig = {
  getTypeParser: (type, format) => (asText.has(type) ? keep : pg.types.getTypeParser(type, format)),
};

/** Runs hand-written SQL. @throws DrizzleQueryError, as the query builder's own statements do */
export async function rowsOf<Row extends Record<string, unknown>>(
  client: pg.ClientBase,
  query: SQL,
  { prepared = false }: RowsOptions = {},
): Promise<Row[]> {
  const { sql: text, params: values } = dialect.sqlToQuery(query);
  const name = prepared ? nameOf(client, text) : undefined;
  try {
    return (await client.query<Row>({ name, text, values, types })).rows;
  } catch (cause) {
    throw new DrizzleQueryError(text, values, cause as Error);
  }
}
