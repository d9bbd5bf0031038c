import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import { partMember } from "./contributions.ts";
import { enqueueFold, foldSums, isFoldLate } from "./fold-sums.ts";
import { groupKept, type KeptRow, keptSumsOf, listKeptSums } from "./kept-sums.ts";
import { counting, findShape, type LedgerScope, type LedgerTx } from "./ledger.ts";
import { leavePending, tagsOf } from "./pending-sums.ts";
import { insertLedger, makeSlices, type RefreshSettings } from "./put-ledger.ts";
import {
  changedStage,
  heldStage,
  keepPlans,
  memberStage,
  planFor,
  rowColumns,
  type TouchedSize,
  touchedStage,
  versionStage,
} from "./refresh-stages.ts";
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

/**
 * Writes the part of the ledger that is of the touched customers, and what it changes in every sum. Temporary tables
 * hold what goes out, under negative numbers of customers, beside what comes in.
 */

const { table: touchedTable } = touchedStage;
const { table: changed } = changedStage;
const { table: held } = heldStage;
const { table: members } = memberStage;
/** As an array, so that the index serves whatever the planner thinks of the tables. */
const isTouched = sql`= ANY (ARRAY(SELECT customer_id FROM ${touchedTable}))`;

type Sign = 1 | -1;
const signed = (sign: Sign, number: SQL): SQL => (sign === 1 ? number : sql`-${number}`);
const [whole, part] = [sql`customer_id`, partMember(sql`customer_id`, sql`slice`)];

/** More members than this are added to the sums of slices at once: much of what they change comes to one change there. */
const mostMembers = 500;

interface Options {
  size: TouchedSize;
  /** Of how many members changes of sums may be left pending. */
  mostLeft?: number | undefined;
}

/** Takes out what the touched customers contributed and puts in what they do now. */
export async function replaceTouched(
  given: LedgerTx,
  settings: RefreshSettings,
  { size, mostLeft = mostMembers }: Options,
): Promise<void> {
  const { scope, daysFrom, slicesBuilt } = settings;
  if (daysFrom === null) return;
  const tx = keepPlans(given);
  const [renew, ...built] = slicesBuilt
    ? await Promise.all([hasNewKeys(tx, isTouched), listSliceKeys(tx), listKeptSums(tx)])
    : [false, [], []];
  const [keys, kept] = renew ? [[], []] : built;
  const groups = groupKept(kept, daysFrom);
  const touched = { ...scope, versions: null, from: sql`${versionStage.table} v`, counted: true };
  const shape = await sendAhead(tx, async (ahead) => {
    await planFor(ahead, size);
    await heldStage.fill(ahead, heldSlices(tx, { keys, kept }, -1));
    await takeOut(ahead, keys);
    await versionStage.fill(
      ahead,
      sql`SELECT ${sourceColumns()} FROM subscription_version v
        WHERE v.org_id = ${tx.orgId} AND v.customer_id ${isTouched} AND ${counting(tx.orgId)}`,
    );
    return findShape(tx, touched);
  });
  const pending = await sendAhead(tx, async (ahead) => {
    await planFor(ahead, "joinAsWritten");
    await putIn(ahead, { scope: { ...touched, shape }, keys, daysFrom });
    await heldStage.fill(ahead, heldSlices(tx, { keys, kept }, 1));
    await matchMembers(ahead, groups);
    return findPending(tx, mostLeft);
  });
  await exchangeSums(tx, groups, pending);
  if (renew) {
    await clearSlices(given);
    await makeSlices(given, settings);
  }
}

interface Pending extends Record<string, unknown> {
  /** More changes than may be left pending. */
  many: boolean;
  /** Seconds for which something has been pending; 0 where nothing is. */
  since: number;
}

async function findPending(tx: LedgerTx, most: number): Promise<Pending | undefined> {
  const [pending] = await tx.rows<Pending>(sql`
    SELECT (SELECT count(DISTINCT member) FROM ${members}) > ${most} AS many,
      coalesce((SELECT extract(epoch FROM now() - at) FROM pending_sums WHERE org_id = ${tx.orgId} ORDER BY id LIMIT 1), 0)::float8 AS since`);
  return pending;
}

/** Leaves what changes in sums pending, or adds it to those of slices where that is much. */
async function exchangeSums(
  tx: LedgerTx,
  kept: readonly KeptGroup[],
  { many, since }: Pending = { many: false, since: 0 },
): Promise<void> {
  const folds = many || isFoldLate(since);
  if (folds) {
    await planFor(tx, "many");
    await foldSums(tx);
  }
  await sendAhead(tx, async (ahead) => {
    // each of many is looked up in the rollups, which must not be how they find each other
    if (many)
      await ahead.rows(sql`ANALYZE ${changed} (customer_id, kind), ${members} (kept, customer_id, member)`);
    else if (folds) await planFor(ahead, "joinAsWritten");
    const exchanged = kept.map(({ by, parts }, i) => {
      const own = sql`(SELECT customer_id, member, sign, slices FROM ${members} WHERE kept = ${i}::int)`;
      return { by, parts, members: own, write: many ? addToSlices(tagsOf(own)) : leavePending(own) };
    });
    await exchangeContributions(tx, changed, exchanged);
    if (!many) await enqueueFold(ahead, since);
    await planFor(ahead, "others");
  });
}

/** SELECT of `held`: of the ledgers that are stored now. */
function heldSlices(
  tx: LedgerTx,
  { keys, kept }: { keys: readonly SliceKey[]; kept: readonly KeptRow[] },
  sign: Sign,
): SQL {
  const all = sql`SELECT ${signed(sign, sql`t.customer_id`)} AS customer_id`;
  const touched = sql`${touchedTable} t`;
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

/** Deletes what is stored of the touched customers, and keeps it as rows that go out. */
async function takeOut(tx: LedgerTx, keys: readonly SliceKey[]): Promise<void> {
  const gone = (table: string): SQL =>
    sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId} AND customer_id ${isTouched}`;
  await tx.rows(sql`
    WITH whole AS (${gone("movement")} RETURNING *), part AS (${gone("movement_part")} RETURNING *),
      others AS (${gone("unvalued")}), tags AS (${gone("customer_slice")} RETURNING *),
      found AS (DELETE FROM slice_member k USING tags s, unnest(${slicesOf(keys, "tags", "s")}) u (slice)
        WHERE k.org_id = ${tx.orgId} AND k.slice = u.slice AND k.customer_id = s.customer_id)
    INSERT INTO ${changed} SELECT ${signed(-1, whole)}, ${rowColumns} FROM whole
    UNION ALL SELECT ${signed(-1, part)}, ${rowColumns} FROM part`);
}

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
    await tagCustomers(tx, keys, scope, isTouched);
    const { shape } = scope;
    await writeParts(tx, keys, { scope, which: isTouched, daysFrom, shape, put: keeping(part) });
  }
}

/**
 * Makes `members` of those who are not as they were, and forgets the rows of all others: of a customer with several plans mostly one of
 * their ledgers is another.
 */
async function matchMembers(tx: LedgerTx, kept: readonly KeptGroup[]): Promise<void> {
  const perGroup = kept.map(
    ({ holds }, i) => sql`SELECT ${i}::int AS kept, customer_id,
      ARRAY(SELECT u.slice FROM unnest(slices) u (slice) WHERE u.slice IS NOT NULL AND ${holds(sql`u.slice`)}) AS slices FROM another`,
  );
  await memberStage.fill(
    tx,
    sql`
    WITH another AS MATERIALIZED (
      SELECT h.customer_id, h.slices FROM ${held} h LEFT JOIN ${held} o ON o.customer_id = -h.customer_id
      WHERE o.slices IS DISTINCT FROM h.slices OR abs(h.customer_id) IN (
        SELECT abs(customer_id) FROM ${changed} GROUP BY abs(customer_id), ${rowColumns} HAVING sum(sign(customer_id)) <> 0)
    ), every AS MATERIALIZED (${sql.join(perGroup, sql` UNION ALL `)}), alike AS MATERIALIZED (
      SELECT kept, slices, row_number() OVER ()::int AS member FROM (SELECT DISTINCT kept, slices FROM every) d
      WHERE slices <> '{}'
    )
    SELECT kept, customer_id, member, sign(customer_id)::int AS sign, slices FROM every JOIN alike USING (kept, slices)`,
  );
  await tx.rows(
    sql`DELETE FROM ${changed} c WHERE NOT EXISTS (SELECT FROM ${members} m WHERE m.customer_id = c.customer_id)`,
  );
}
