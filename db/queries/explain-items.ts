import { type SQL, sql } from "drizzle-orm";
import type { ExplainInput, ExplainMovement } from "#contracts/explain.ts";
import type { Day } from "#metrics/day.ts";
import { formatDecimal, mrrFromAnnual, parseDecimal } from "#metrics/decimal.ts";
import { badCursor, decodeCursor, page } from "../cursor.ts";
import type { LedgerTx } from "./ledger.ts";
import { joinByHash, type LedgerSource, openWith } from "./ledger-source.ts";

/**
 * The rows that make up a number, a page at a time, with the sums of all of them. Every list is one SELECT of the same
 * columns: cust, day, place and ref (together unique), part, kind, before, after, amount, counted, customers, cause, note,
 * upload_id, line.
 */
export interface ItemList {
  select: SQL;
  type: ExplainMovement["type"];
  /** Whether amounts are MRR per year, or money as it is. */
  annual: boolean;
}

export interface ItemRow {
  cust: string;
  customer_id: string | null;
  customer_name: string | null;
  day: Day;
  place: number;
  ref: string;
  part: string;
  kind: string | null;
  before: string | null;
  after: string | null;
  amount: string | null;
  counted: string | null;
  customers: number;
  cause: string | null;
  note: string | null;
  upload_id: string | null;
  line: number | null;
  key: string;
}

/** Sums of all rows of a list that count for one part and are of one kind. */
export interface ItemGroup {
  part: string;
  kind: string | null;
  rows: number;
  before: string;
  amount: string | null;
  counted: string | null;
  customers: number;
}

export interface ItemPage {
  groups: ItemGroup[];
  items: ItemRow[];
  next: string | null;
}

type Paging = Pick<ExplainInput, "limit" | "cursor" | "sort">;

/** By what, its value, and of the row: customer, day, place, reference. */
const sortKey = ["text", "decimal", "bigint", "day", "integer", "text"] as const;

/** What comes after the row that a cursor names. @throws AppError BAD_REQUEST, reason `bad_cursor` */
function beyond({ cursor, sort }: Paging): SQL {
  if (cursor === undefined) return sql``;
  const [by, key, cust, day, place, ref] = decodeCursor(cursor, sortKey);
  if (by !== sort) throw badCursor();
  const rest = sql`(cust, day, place, ref) > (${cust}::bigint, ${day}::date, ${place}::int, ${ref}::text)`;
  const after = sort.startsWith("-") ? sql`<` : sql`>`;
  return sql`WHERE key ${after} ${key}::numeric OR (key = ${key}::numeric AND ${rest})`;
}

/** One statement: the list once, its sums, and one page of it. */
export async function readItems(
  tx: LedgerTx,
  source: LedgerSource,
  { select }: ItemList,
  paging: Paging,
): Promise<ItemPage> {
  const key = paging.sort.endsWith("date")
    ? sql`(day - DATE '2000-01-01')::numeric`
    : sql`coalesce(greatest(abs(counted), abs(amount)), 0)`;
  const order = sql`key ${paging.sort.startsWith("-") ? sql`DESC` : sql`ASC`}, cust, day, place, ref`;
  const exact = (column: string): SQL => sql.raw(`trim_scale(${column})::text AS ${column}`);
  await joinByHash(tx);
  const [found] = await tx.rows<{ groups: ItemGroup[]; items: ItemRow[] }>(sql`
    ${openWith(source)} item AS MATERIALIZED (
      SELECT *, ${key} AS key FROM (${select}) listed
    ), grouped AS (
      SELECT part, kind, count(*) AS rows, coalesce(trim_scale(sum(before)), 0)::text AS before, trim_scale(sum(amount))::text AS amount,
        trim_scale(sum(counted))::text AS counted, sum(customers) AS customers
      FROM item GROUP BY part, kind ORDER BY part, kind
    ), page AS (
      SELECT *, row_number() OVER (ORDER BY ${order}) AS nth FROM (
        SELECT * FROM item ${beyond(paging)} ORDER BY ${order} LIMIT ${paging.limit + 1}) cut
    ), shown AS (
      SELECT cust::text AS cust, c.external_id AS customer_id, c.name AS customer_name, day::text AS day, place, ref, part, kind,
        ${sql.join(["before", "after", "amount", "counted"].map(exact), sql`, `)}, customers, cause, note,
        page.upload_id::text AS upload_id, page.line, key::text AS key, nth
      FROM page LEFT JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = page.cust
    )
    SELECT coalesce((SELECT json_agg(g) FROM grouped g), '[]') AS groups,
      coalesce((SELECT json_agg(s ORDER BY nth) FROM shown s), '[]') AS items`);
  const { items, next } = page(found?.items ?? [], paging.limit, (row) => [
    ...[paging.sort, row.key, row.cust, row.day, row.place, row.ref],
  ]);
  return { groups: found?.groups ?? [], items, next };
}

/** Of annual amounts the month's, of others the amount itself. */
export const shownAmount = (amount: string | null, annual: boolean): string | null =>
  amount === null ? null : annual ? mrrFromAnnual(amount) : formatDecimal(parseDecimal(amount));

/** A listed row on the wire. */
export function movementOf(row: ItemRow, { type, annual }: ItemList): ExplainMovement {
  const { before, after, amount, counted } = row;
  const exact = (text: string | null) => shownAmount(text, false);
  return {
    type,
    part: row.part,
    date: row.day,
    customer_id: row.customer_id,
    customer_name: row.customer_name,
    kind: row.kind as ExplainMovement["kind"],
    cause: row.cause,
    note: row.note,
    before: shownAmount(before, annual),
    after: shownAmount(after, annual),
    amount: shownAmount(amount, annual),
    counted: shownAmount(counted, annual),
    counted_customers: row.customers,
    annual: annual
      ? { before: exact(before), after: exact(after), amount: exact(amount), counted: exact(counted) }
      : null,
  };
}
