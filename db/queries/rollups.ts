import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import {
  byKind,
  cohortContributions,
  dayContributions,
  kindContributions,
  leftContributions,
  levelContributions,
  lossContributions,
  ofMembers,
  sizeContributions,
  type Tagging,
  thenContributions,
  untagged,
} from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import { levelChanges } from "./level-changes.ts";
import { lossChanges, lossSums } from "./loss-changes.ts";
import {
  addTo,
  cohortRollup,
  cohortSize,
  dayRollup,
  exchange,
  inSlices,
  levelRollup,
  monthRollup,
  names,
  type Rollup,
} from "./rollup-tables.ts";
import { sendAhead } from "./send-ahead.ts";
import {
  type Buckets,
  bucketLine,
  periodLine,
  periodsUntil,
  placeOf,
  startOf,
  type Timeline,
} from "./timeline.ts";

/**
 * Rollups are sums of what each customer contributes, so a refresh takes the touched customers' old contributions out and
 * puts their new ones in. Rows in which nothing is left are removed: a rollup kept up to date equals one made afresh.
 */

interface Range {
  first: Day;
  last: Day;
}

/** The days of a part of the ledger; null: it is empty. */
async function findRange(tx: LedgerTx, ledger: SQL): Promise<Range | null> {
  const [range] = await tx.rows<{ first: Day | null; last: Day | null }>(
    sql`SELECT min(day)::text AS first, max(day)::text AS last FROM ${ledger} m`,
  );
  return range?.first && range.last ? { first: range.first, last: range.last } : null;
}

/** What rollups of some days are by. */
interface Lines {
  periods: Timeline;
  buckets: Timeline;
  daysFrom: Day;
}

const linesOf = ({ first, last }: Range, buckets: Buckets): Lines => ({
  periods: periodLine(first, last, buckets),
  buckets: bucketLine(first, last, buckets),
  daysFrom: buckets.daysFrom,
});

/** Sums per day, what looks at a customer more than once, what compares it with a year before, and by when it first paid. */
export type Part = "days" | "losses" | "levels" | "cohorts";
export const allParts: ReadonlySet<Part> = new Set<Part>(["days", "losses", "levels", "cohorts"]);

/** By what sums are kept, and which of them; default: all. */
export interface KeptBy {
  by: Buckets;
  parts?: ReadonlySet<Part>;
}

/** On which day's row of a slice a day counts. */
const dayIn = (slice: SQL, day: SQL, { buckets }: Lines): SQL =>
  sql`CASE WHEN ${slice} = 0 THEN ${day} ELSE ${startOf(placeOf(day, buckets), buckets)} END`;

/** By period, and from `daysFrom` on by what each day changes in its period. */
function periodSums(ledger: SQL, { periods, buckets, daysFrom }: Lines, tags: Tagging): SQL {
  const sums = names(lossSums);
  const before = periodsUntil(periods, daysFrom);
  const recent = sql`(SELECT * FROM ${ledger} every WHERE day >= ${daysFrom}::date)`;
  return sql`
    SELECT slice, ${startOf(sql`p`, before)} AS day, ${sums} FROM (${lossContributions(ledger, before, tags)}) c
    UNION ALL
    SELECT slice, ${startOf(placeOf(sql`c.day`, buckets), buckets)}, ${names(lossSums, (name) => `sum(${name})`)}
    FROM (${lossChanges(recent, periods, tags)}) c GROUP BY 1, 2`;
}

const cohortSums = (ledger: SQL, lines: Lines, tags: Tagging): SQL => sql`
  SELECT slice, cohort, day, sum(customers)::bigint AS customers, sum(net_annual) AS net_annual,
    sum(gross_annual) AS gross_annual, sum(left_customers)::bigint AS left_customers
  FROM (${cohortParts(ledger, lines, tags)}) parts GROUP BY 1, 2, 3`;

/** What `cohortSums` adds up: up to two rows of a slice, cohort and day. */
function cohortParts(ledger: SQL, { periods, buckets }: Lines, tags: Tagging): SQL {
  const cohort = placeOf(sql`m.cohort_day`, periods);
  return sql`
    SELECT slice, ${startOf(sql`c.cohort`, periods)} AS cohort, ${startOf(sql`c.p`, buckets)} AS day, customers,
      net_annual, gross_annual, 0 AS left_customers
    FROM (${cohortContributions(ledger, buckets, cohort, tags)}) c
    UNION ALL
    SELECT slice, ${startOf(sql`c.cohort`, periods)}, ${startOf(sql`c.p`, periods)}, 0, 0, 0, left_customers
    FROM (${leftContributions(ledger, periods, cohort, tags)}) c`;
}

const sizeSums = (ledger: SQL, { buckets }: Lines, tags: Tagging): SQL =>
  sql`SELECT slice, ${startOf(sql`c.cohort`, buckets)} AS cohort, customers, initial_annual
    FROM (${sizeContributions(ledger, buckets, tags)}) c`;

/** Adds what the customers of a part of the stored ledger contribute. */
export async function contribute(
  tx: LedgerTx,
  ledger: SQL,
  { by, parts = allParts, tags = untagged }: KeptBy & { tags?: Tagging },
): Promise<void> {
  const range = await findRange(tx, ledger);
  if (!range) return;
  const lines = linesOf(range, by);
  const { buckets } = lines;
  const add = (part: Part, rollup: Rollup, given: SQL) =>
    parts.has(part) ? addTo(tx, rollup, given) : Promise.resolve();
  await add("days", dayRollup, dayContributions(ledger, tags, dayIn(tags.slice("m"), sql`m.day`, lines)));
  await add("losses", monthRollup, periodSums(ledger, lines, tags));
  await add(
    "levels",
    levelRollup,
    sql`SELECT slice, ${startOf(sql`p`, buckets)} AS day, sum(then_annual) AS then_annual,
        sum(then_customers)::bigint AS then_customers, sum(kept_annual) AS kept_annual, sum(floor_annual) AS floor_annual
      FROM (
        SELECT slice, p, 0 AS then_annual, 0 AS then_customers, kept_annual, floor_annual
        FROM (${levelContributions(ledger, buckets, tags)}) c
        UNION ALL SELECT slice, p, then_annual, then_customers, 0, 0 FROM (${thenContributions(ledger, buckets, tags)}) c) parts
      GROUP BY slice, p`,
  );
  await add("cohorts", cohortRollup, cohortSums(ledger, lines, tags));
  await add("cohorts", cohortSize, sizeSums(ledger, lines, tags));
}

/**
 * Takes out what few customers contributed, and puts in what they do now.
 * @param ledger rows that go out and rows that come in, under different numbers of customers
 * @param options.members FROM item (customer_id, member, sign): what goes out and what comes in are of one member, if both
 *   count in the same slices
 * @param options.kept FROM items (member, slice), and which sums of those slices are kept
 */
export async function exchangeContributions(
  tx: LedgerTx,
  ledger: SQL,
  { members, kept }: { members: SQL; kept: readonly (KeptBy & { tags: SQL })[] },
): Promise<void> {
  const range = await findRange(tx, ledger);
  if (!range) return;
  const net = ofMembers(members);
  const exchangeBy = async (ahead: LedgerTx, { by, parts = allParts, tags }: (typeof kept)[number]) => {
    const lines = linesOf(range, by);
    const put = async (part: Part, rollup: Rollup, given: SQL) => {
      if (parts.has(part)) await ahead.rows(exchange(rollup, tx.orgId, given));
    };
    // much of what comes in is what goes out: members are netted before they are tagged
    const exchanged = (part: Part, rollup: Rollup, given: SQL) =>
      put(part, rollup, inSlices(rollup, given, tags));
    await put(
      "days",
      dayRollup,
      byKind(sql`
        SELECT tag.slice, ${dayIn(sql`tag.slice`, sql`own.day`, lines)} AS day, own.kind, own.annual, own.rows
        FROM (${kindContributions(ledger, net)}) own JOIN ${tags} tag ON tag.member = own.slice
        WHERE (own.annual, own.rows) <> (0, 0)`),
    );
    await exchanged("losses", monthRollup, periodSums(ledger, lines, net));
    await exchanged(
      "levels",
      levelRollup,
      sql`SELECT *, ${startOf(sql`p`, lines.buckets)} AS day FROM (${levelChanges(ledger, lines.buckets, net)}) c`,
    );
    await exchanged("cohorts", cohortRollup, cohortParts(ledger, lines, net));
    await exchanged("cohorts", cohortSize, sizeSums(ledger, lines, net));
  };
  await sendAhead(tx, async (ahead) => {
    for (const one of kept) await exchangeBy(ahead, one);
  });
}
