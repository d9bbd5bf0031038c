import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import {
  cohortContributions,
  dayContributions,
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

export interface Range {
  first: Day;
  last: Day;
}

/** The days of a part of the ledger; null: it is empty. */
export async function findRange(tx: LedgerTx, ledger: SQL): Promise<Range | null> {
  const [range] = await tx.rows<{ first: Day | null; last: Day | null }>(
    sql`SELECT min(day)::text AS first, max(day)::text AS last FROM ${ledger} m`,
  );
  return range?.first && range.last ? { first: range.first, last: range.last } : null;
}

/** What rollups of some days are by. */
export interface Lines {
  periods: Timeline;
  buckets: Timeline;
  daysFrom: Day;
}

export const linesOf = ({ first, last }: Range, buckets: Buckets): Lines => ({
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

/** The slices of which sums are so kept. */
export interface KeptGroup extends KeptBy {
  /** A condition on a slice's id. */
  holds: (slice: SQL) => SQL;
}

/** What becomes of sums that are so kept. */
export interface Exchanged extends KeptBy {
  /** FROM item (customer_id, member, sign): of one member, what goes out (-1) and what comes in (1) is one change. */
  members: SQL;
  /** Writes a SELECT of slice (the member), the rollup's keys and its sums, one row each; days are its own. */
  write: (rollup: Rollup, orgId: string, given: SQL, lines: Lines) => SQL;
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

function cohortSums(ledger: SQL, { periods, buckets }: Lines, tags: Tagging): SQL {
  const cohort = placeOf(sql`m.cohort_day`, periods);
  return sql`
    SELECT slice, cohort, day, sum(customers)::bigint AS customers, sum(net_annual) AS net_annual,
      sum(gross_annual) AS gross_annual, sum(left_customers)::bigint AS left_customers
    FROM (
      SELECT slice, ${startOf(sql`c.cohort`, periods)} AS cohort, ${startOf(sql`c.p`, buckets)} AS day, customers,
        net_annual, gross_annual, 0 AS left_customers
      FROM (${cohortContributions(ledger, buckets, cohort, tags)}) c
      UNION ALL
      SELECT slice, ${startOf(sql`c.cohort`, periods)}, ${startOf(sql`c.p`, periods)}, 0, 0, 0, left_customers
      FROM (${leftContributions(ledger, periods, cohort, tags)}) c
    ) parts GROUP BY 1, 2, 3`;
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
 */
export async function exchangeContributions(
  tx: LedgerTx,
  ledger: SQL,
  exchanged: readonly Exchanged[],
): Promise<void> {
  const range = await findRange(tx, ledger);
  if (!range) return;
  await sendAhead(tx, async (ahead) => {
    for (const { by, parts = allParts, members, write } of exchanged) {
      const lines = linesOf(range, by);
      // much of what comes in is what goes out: it is netted before it counts in any slice
      const net = ofMembers(members);
      const put = async (part: Part, rollup: Rollup, given: SQL) => {
        if (parts.has(part)) await ahead.rows(write(rollup, tx.orgId, given, lines));
      };
      await put("days", dayRollup, dayContributions(ledger, net));
      await put("losses", monthRollup, periodSums(ledger, lines, net));
      await put(
        "levels",
        levelRollup,
        sql`SELECT *, ${startOf(sql`p`, lines.buckets)} AS day FROM (${levelChanges(ledger, lines.buckets, net)}) c`,
      );
      await put("cohorts", cohortRollup, cohortSums(ledger, lines, net));
      await put("cohorts", cohortSize, sizeSums(ledger, lines, net));
    }
  });
}

/** Adds sums of members to those of every slice that they have a tag of. @param tags FROM item (member, slice) */
export const addToSlices =
  (tags: SQL): Exchanged["write"] =>
  (rollup, orgId, given, lines) => {
    const day = rollup === dayRollup ? dayIn(sql`tag.slice`, sql`own.day`, lines) : undefined;
    return exchange(rollup, orgId, inSlices(rollup, given, tags, day));
  };
