import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import { partMember } from "./contributions.ts";
import { type KeptRow, keptBy, keptSumsOf, listKeptSums } from "./kept-sums.ts";
import { counting, findShape, type LedgerScope, type LedgerTx } from "./ledger.ts";
import { insertLedger, makeSlices, type RefreshSettings } from "./put-ledger.ts";
import { exchangeContributions, type KeptBy } from "./rollups.ts";
import { sendAhead } from "./send-ahead.ts";
import { sourceColumns } from "./settled-versions.ts";
import {
  clearSlices,
  hasNewKeys,
  isRolled,
  listSliceKeys,
  type SliceKey,
  slicesOf,
  tagCustomers,
  writeParts,
} from "./slices.ts";
import { dropStage, stageTable } from "./stage-table.ts";
import { bucketsOf } from "./timeline.ts";

/**
 * Writes the part of the ledger that is of the touched customers, and what it changes in every sum. Temporary tables
 * hold what goes out, under negative numbers of customers, beside what comes in.
 */

/** TEMP table (customer_id) of those whose facts changed. */
export const touchedTable = "refresh_touched";
/** As an array, so that the index serves whatever the planner thinks of the tables. */
const isTouched = sql`= ANY (ARRAY(SELECT customer_id FROM ${sql.identifier(touchedTable)}))`;

/** Rows of ledgers, of wholes and of each slice (`partMember`), as contributions.ts reads them. */
const changed = sql`refresh_change`;
/** (customer_id, slices): where the rows of a customer count. */
const held = sql`refresh_held`;
/** (customer_id, member, sign, slices): as `held`. One member, where the same slices held before and hold now. */
const members = sql`refresh_member`;
/** (member, slice). */
const memberTags = sql`refresh_tag`;

type Sign = 1 | -1;
const signed = (sign: Sign, number: SQL): SQL => (sign === 1 ? number : sql`-${number}`);
const rowColumns = sql.raw("day, until_day, kind, annual, before_annual, cohort_day, initial_annual");
const [whole, part] = [sql`customer_id`, partMember(sql`customer_id`, sql`slice`)];

/** Takes out what the touched customers contributed and puts in what they do now. */
export async function replaceTouched(tx: LedgerTx, settings: RefreshSettings): Promise<void> {
  const { scope, daysFrom, slicesBuilt } = settings;
  if (daysFrom === null) return;
  const renew = slicesBuilt && (await hasNewKeys(tx, isTouched));
  const [keys, kept] =
    slicesBuilt && !renew ? await Promise.all([listSliceKeys(tx), listKeptSums(tx)]) : [[], []];
  await sendAhead(tx, async (ahead) => {
    await stageTable(ahead, "refresh_held", heldSlices(tx, { keys, kept }, -1), ["customer_id"]);
    await takeOut(ahead, keys);
    await stageVersions(ahead);
  });
  const touched = { ...scope, versions: null, from: sql`refresh_version v`, counted: true };
  const shape = await findShape(tx, touched);
  await sendAhead(tx, async (ahead) => {
    await putIn(ahead, { scope: { ...touched, shape }, keys, daysFrom });
    await ahead.rows(sql`INSERT INTO ${held} ${heldSlices(tx, { keys, kept }, 1)}`);
    await matchMembers(ahead);
  });
  await exchangeContributions(tx, changed, { members, kept: tagsBy(kept, daysFrom) });
  await tx.rows(sql`DROP TABLE ${changed}, ${held}, ${members}, ${memberTags}`);
  if (renew) {
    await clearSlices(tx);
    await makeSlices(tx, settings);
  }
}

/** SELECT of `held`: of the ledgers that are stored now. */
function heldSlices(
  tx: LedgerTx,
  { keys, kept }: { keys: readonly SliceKey[]; kept: readonly KeptRow[] },
  sign: Sign,
): SQL {
  const all = sql`SELECT ${signed(sign, sql`t.customer_id`)} AS customer_id`;
  const touched = sql`${sql.identifier(touchedTable)} t`;
  if (keys.length === 0) return sql`${all}, ARRAY[0] AS slices FROM ${touched}`;
  const of = sql`org_id = ${tx.orgId} AND customer_id ${isTouched}`;
  const tags = sql`(SELECT * FROM customer_slice WHERE ${of}) s`;
  const keptOf = (slices: SQL, which?: SQL): SQL =>
    kept.length > 0 ? sql`|| ${keptSumsOf(tx, slices, which)}` : sql``;
  return sql`${all}, 0 || ${slicesOf(keys, "rollups", "s")} ${keptOf(sql`s.slices`)} AS slices
    FROM ${touched} LEFT JOIN ${tags} ON s.customer_id = t.customer_id
    UNION ALL SELECT * FROM (
      SELECT ${signed(sign, part)} AS customer_id, CASE WHEN ${isRolled(tx)} THEN ARRAY[slice] ELSE '{}' END
        ${keptOf(sql`(s.slices || slice)`, sql`slice = ANY (k.slices)`)} AS slices
      FROM (SELECT DISTINCT customer_id, slice FROM movement_part WHERE ${of}) p JOIN ${tags} USING (customer_id)) part
    WHERE slices <> '{}'`;
}

/** Tags by which sums of their slices are kept: of slices, all by month. */
function tagsBy(kept: readonly KeptRow[], daysFrom: Day): (KeptBy & { tags: SQL })[] {
  const others = kept.filter(({ grain }) => grain !== "month");
  if (others.length === 0) return [{ by: bucketsOf(daysFrom, "month"), tags: memberTags }];
  const among = (rows: readonly KeptRow[]): SQL =>
    sql`ANY (${`{${rows.map(({ id }) => id).join(",")}}`}::int[])`;
  const where = (condition: SQL): SQL => sql`(SELECT * FROM ${memberTags} WHERE ${condition})`;
  const alike = Map.groupBy(others, (row) => {
    const { by, parts } = keptBy(row, daysFrom);
    return JSON.stringify([by, [...parts]]);
  });
  return [
    { by: bucketsOf(daysFrom, "month"), tags: where(sql`NOT slice = ${among(others)}`) },
    ...[...alike.values()].map((rows) => ({
      ...keptBy(rows[0]!, daysFrom),
      tags: where(sql`slice = ${among(rows)}`),
    })),
  ];
}

/** Deletes what is stored of the touched customers, and keeps it as rows that go out. Makes `changed`. */
async function takeOut(tx: LedgerTx, keys: readonly SliceKey[]): Promise<void> {
  const gone = (table: string): SQL =>
    sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId} AND customer_id ${isTouched}`;
  await tx.rows(
    sql`CREATE TEMP TABLE ${changed} ON COMMIT DROP AS SELECT ${whole}, ${rowColumns} FROM movement WITH NO DATA`,
  );
  await tx.rows(sql`
    WITH whole AS (${gone("movement")} RETURNING *), part AS (${gone("movement_part")} RETURNING *),
      others AS (${gone("unvalued")}), tags AS (${gone("customer_slice")} RETURNING *),
      found AS (DELETE FROM slice_member k USING tags s, unnest(${slicesOf(keys, "tags", "s")}) u (slice)
        WHERE k.org_id = ${tx.orgId} AND k.slice = u.slice AND k.customer_id = s.customer_id)
    INSERT INTO ${changed} SELECT ${signed(-1, whole)}, ${rowColumns} FROM whole
    UNION ALL SELECT ${signed(-1, part)}, ${rowColumns} FROM part`);
}

/** The touched customers' versions, looked up once: a ledger is derived from several looks at them. */
const stageVersions = (tx: LedgerTx): Promise<void> =>
  stageTable(
    tx,
    "refresh_version",
    sql`SELECT ${sourceColumns} FROM subscription_version v
      WHERE v.org_id = ${tx.orgId} AND v.customer_id ${isTouched} AND ${counting(tx.orgId)}`,
    // looking at every column would take longer than any plan made with it
    ["customer_id", "currency", "to_day"],
  );

/** Derives and stores what there is of the touched customers now, and adds it to `changed`. */
async function putIn(
  tx: LedgerTx,
  { scope, keys, daysFrom }: { scope: LedgerScope; keys: readonly SliceKey[]; daysFrom: Day },
): Promise<void> {
  const keeping = (customer: SQL) => (insert: SQL) =>
    tx.rows(
      sql`WITH made AS (${insert} RETURNING *) INSERT INTO ${changed} SELECT ${customer}, ${rowColumns} FROM made`,
    );
  await insertLedger(tx, scope, daysFrom, keeping(whole));
  if (keys.length > 0) {
    await tx.rows(asWritten(true));
    await tagCustomers(tx, keys, scope, isTouched);
    const { shape } = scope;
    await writeParts(tx, keys, { scope, which: isTouched, daysFrom, shape, put: keeping(part) });
    await tx.rows(asWritten(false));
  }
  await dropStage(tx, "refresh_version");
}

/**
 * Names of slices are found by no index: each table of few rows is joined to all of them at once, in the order that is written, to which
 * there is no better one to look for.
 */
const asWritten = (on: boolean): SQL =>
  sql`SELECT set_config('enable_nestloop', ${on ? "off" : "on"}, true), set_config('join_collapse_limit', ${on ? "1" : "8"}, true)`;

/**
 * Makes `members` and their tags, of those that are not as they were, and forgets the rows of all others: of a customer with
 * several plans mostly one of their ledgers is another. Lets the planner know what it joins these tables by.
 */
async function matchMembers(tx: LedgerTx): Promise<void> {
  await tx.rows(sql`
    CREATE TEMP TABLE ${members} ON COMMIT DROP AS
    SELECT h.customer_id, CASE WHEN o.slices = h.slices THEN abs(h.customer_id) ELSE h.customer_id END AS member,
      sign(h.customer_id)::int AS sign, h.slices
    FROM ${held} h LEFT JOIN ${held} o ON o.customer_id = -h.customer_id
    WHERE o.slices IS DISTINCT FROM h.slices OR abs(h.customer_id) IN (
      SELECT abs(customer_id) FROM ${changed} GROUP BY abs(customer_id), ${rowColumns} HAVING sum(sign(customer_id)) <> 0)`);
  await tx.rows(
    sql`DELETE FROM ${changed} c WHERE NOT EXISTS (SELECT FROM ${members} m WHERE m.customer_id = c.customer_id)`,
  );
  // of what goes out and what comes in of one member, one has its number
  await tx.rows(sql`
    CREATE TEMP TABLE ${memberTags} ON COMMIT DROP AS SELECT m.member, u.slice FROM ${members} m, unnest(m.slices) u (slice)
    WHERE m.member = m.customer_id AND u.slice IS NOT NULL`);
  await tx.rows(
    sql`ANALYZE ${changed} (customer_id, kind), ${members} (customer_id, member), ${memberTags} (member)`,
  );
}
