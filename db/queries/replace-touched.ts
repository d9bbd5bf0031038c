import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import { partMember } from "./contributions.ts";
import { enqueueFold, foldSums, isFoldLate } from "./fold-sums.ts";
import { groupKept, type KeptRow, keptSumsOf, listKeptSums } from "./kept-sums.ts";
import { counting, findShape, type LedgerScope, type LedgerTx } from "./ledger.ts";
import { leavePending, tagsOf } from "./pending-sums.ts";
import { insertLedger, makeSlices, type RefreshSettings } from "./put-ledger.ts";
import { addToSlices, exchangeContributions, type KeptGroup } from "./rollups.ts";
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
/**
 * (kept, customer_id, member, sign, slices): as `held`, by place in the list of what is kept. A member is all who count in the same slices:
 * what goes out and what comes in of it is one change.
 */
const members = sql`refresh_member`;

type Sign = 1 | -1;
const signed = (sign: Sign, number: SQL): SQL => (sign === 1 ? number : sql`-${number}`);
const rowColumns = sql.raw("day, until_day, kind, annual, before_annual, cohort_day, initial_annual");
const [whole, part] = [sql`customer_id`, partMember(sql`customer_id`, sql`slice`)];

/** More members than this are added to the sums of slices at once: much of what they change comes to one change there. */
const mostLeft = 500;

/**
 * Takes out what the touched customers contributed and puts in what they do now.
 * @param most of how many members changes of sums may be left pending
 */
export async function replaceTouched(
  tx: LedgerTx,
  settings: RefreshSettings,
  most = mostLeft,
): Promise<void> {
  const { scope, daysFrom, slicesBuilt } = settings;
  if (daysFrom === null) return;
  const [renew, ...built] = slicesBuilt
    ? await Promise.all([hasNewKeys(tx, isTouched), listSliceKeys(tx), listKeptSums(tx)])
    : [false, [], []];
  const [keys, kept] = renew ? [[], []] : built;
  const groups = groupKept(kept, daysFrom);
  const touched = { ...scope, versions: null, from: sql`refresh_version v`, counted: true };
  const shape = await sendAhead(tx, async (ahead) => {
    await stageTable(ahead, "refresh_held", heldSlices(tx, { keys, kept }, -1), ["customer_id"]);
    await takeOut(ahead, keys);
    await stageVersions(ahead);
    return findShape(tx, touched);
  });
  const size = await sendAhead(tx, async (ahead) => {
    await putIn(ahead, { scope: { ...touched, shape }, keys, daysFrom });
    await ahead.rows(sql`INSERT INTO ${held} ${heldSlices(tx, { keys, kept }, 1)}`);
    await matchMembers(ahead, groups);
    return findSize(tx, most);
  });
  await exchangeSums(tx, groups, size);
  await tx.rows(sql`DROP TABLE ${changed}, ${held}, ${members}`);
  if (renew) {
    await clearSlices(tx);
    await makeSlices(tx, settings);
  }
}

interface Size extends Record<string, unknown> {
  /** More changes than may be left pending. */
  many: boolean;
  /** Seconds for which something has been pending; 0 where nothing is. */
  since: number;
}

async function findSize(tx: LedgerTx, most: number): Promise<Size | undefined> {
  const [size] = await tx.rows<Size>(sql`
    SELECT (SELECT count(DISTINCT member) FROM ${members}) > ${most} AS many,
      coalesce((SELECT extract(epoch FROM now() - at) FROM pending_sums WHERE org_id = ${tx.orgId} ORDER BY id LIMIT 1), 0)::float8 AS since`);
  return size;
}

/** Leaves what changes in sums pending, or adds it to those of slices where that is much. */
async function exchangeSums(
  tx: LedgerTx,
  kept: readonly KeptGroup[],
  { many, since }: Size = { many: false, since: 0 },
): Promise<void> {
  if (many || isFoldLate(since)) await foldSums(tx);
  await sendAhead(tx, async (ahead) => {
    const exchanged = kept.map(({ by, parts }, i) => {
      const own = sql`(SELECT customer_id, member, sign, slices FROM ${members} WHERE kept = ${i}::int)`;
      return { by, parts, members: own, write: many ? addToSlices(tagsOf(own)) : leavePending(own) };
    });
    await exchangeContributions(tx, changed, exchanged);
    if (!many) await enqueueFold(ahead, since);
  });
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
  await tx.rows(asWritten(true));
  await insertLedger(tx, scope, daysFrom, keeping(whole));
  if (keys.length > 0) {
    await tagCustomers(tx, keys, scope, isTouched);
    const { shape } = scope;
    await writeParts(tx, keys, { scope, which: isTouched, daysFrom, shape, put: keeping(part) });
  }
  await tx.rows(asWritten(false));
  await dropStage(tx, "refresh_version");
}

/**
 * Names of slices are found by no index: each table of few rows is joined to all of them at once, in the order that is written, to which
 * there is no better one to look for.
 */
const asWritten = (on: boolean): SQL =>
  sql`SELECT set_config('enable_nestloop', ${on ? "off" : "on"}, true), set_config('join_collapse_limit', ${on ? "1" : "8"}, true)`;

/**
 * Makes `members` of those who are not as they were, and forgets the rows of all others: of a customer with several plans mostly one of
 * their ledgers is another. Lets the planner know what it joins these tables by.
 */
async function matchMembers(tx: LedgerTx, kept: readonly KeptGroup[]): Promise<void> {
  const perGroup = kept.map(
    ({ holds }, i) => sql`SELECT ${i}::int AS kept, customer_id,
      ARRAY(SELECT u.slice FROM unnest(slices) u (slice) WHERE u.slice IS NOT NULL AND ${holds(sql`u.slice`)}) AS slices FROM another`,
  );
  await tx.rows(sql`
    CREATE TEMP TABLE ${members} ON COMMIT DROP AS
    WITH another AS MATERIALIZED (
      SELECT h.customer_id, h.slices FROM ${held} h LEFT JOIN ${held} o ON o.customer_id = -h.customer_id
      WHERE o.slices IS DISTINCT FROM h.slices OR abs(h.customer_id) IN (
        SELECT abs(customer_id) FROM ${changed} GROUP BY abs(customer_id), ${rowColumns} HAVING sum(sign(customer_id)) <> 0)
    ), every AS MATERIALIZED (${sql.join(perGroup, sql` UNION ALL `)}), alike AS MATERIALIZED (
      SELECT kept, slices, row_number() OVER ()::int AS member FROM (SELECT DISTINCT kept, slices FROM every) d
      WHERE slices <> '{}'
    )
    SELECT kept, customer_id, member, sign(customer_id)::int AS sign, slices FROM every JOIN alike USING (kept, slices)`);
  await tx.rows(
    sql`DELETE FROM ${changed} c WHERE NOT EXISTS (SELECT FROM ${members} m WHERE m.customer_id = c.customer_id)`,
  );
  await tx.rows(sql`ANALYZE ${changed} (customer_id, kind), ${members} (kept, customer_id, member)`);
}
