import { type SQL, sql } from "drizzle-orm";
import type { CohortsOutput } from "#contracts/analytics.ts";
import type { ExplainInput, ExplainOutput } from "#contracts/explain.ts";
import { type Day, earlierDay } from "#metrics/day.ts";
import { cohortExplanation } from "#metrics/explain.ts";
import { cohortRules } from "#metrics/explain-policy.ts";
import {
  findGrain,
  type Observation,
  type Period,
  periodEnd,
  periodStart,
  shiftPeriod,
} from "#metrics/period.ts";
import { AppError } from "#root/errors.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { getCohorts } from "./cohorts.ts";
import { answerOf, readList, readSources } from "./explain-answer.ts";
import type { ItemList, ItemRow } from "./explain-items.ts";
import { holdsOn } from "./explain-movements.ts";
import { partOf } from "./explain-parts.ts";
import type { SourceAsk } from "./explain-sources.ts";
import type { LedgerTx } from "./ledger.ts";
import { findLedgerSource, type LedgerSource } from "./ledger-source.ts";
import { observationOf, requirePeriod } from "./ranges.ts";

/** The members of a cohort, with what they began with and what they count for in a later period. */

interface CohortAsked {
  source: LedgerSource;
  basis: CohortsOutput["basis"];
  measure: CohortsOutput["measure"];
  /** Whether anybody active at any time of the period counts, or at its end only. */
  anyTime: boolean;
  /** The cohort's days, as far as they are observed. */
  joined: { first: Day; last: Day };
  /** The period that is looked at, as far as it is observed. */
  seen: { first: Day; last: Day };
  asOf: Day;
}

const counts = ({
  scope,
  conditions,
}: LedgerSource): SQL => sql`c.org_id = ${scope.orgId} AND c.excluded_reason IS NULL
  ${conditions.customers === null ? sql`` : sql`AND ${conditions.customers}`}`;

const cohortList = (asked: CohortAsked): ItemList => ({
  select: asked.basis === "first_activity" ? active(asked) : payers(asked),
  type: "member",
  annual: asked.basis !== "first_activity",
});

/** Who joined, when, and what the first payment was. */
function members({ source, basis, joined, asOf }: CohortAsked): SQL {
  const last = earlierDay(joined.last, asOf);
  const first = sql`SELECT customer_id, day, annual AS initial FROM ${source.ledger} f
    WHERE f.kind = 'new' AND f.day = f.cohort_day AND f.day <= ${asOf}::date`;
  if (basis === "first_payment")
    return sql`SELECT * FROM (${first}) f WHERE f.day BETWEEN ${joined.first}::date AND ${last}::date`;
  return sql`SELECT c.id AS customer_id, c.signup_day AS day, coalesce(f.initial, 0) AS initial
    FROM customer c LEFT JOIN (${first}) f ON f.customer_id = c.id
    WHERE ${counts(source)} AND c.signup_day BETWEEN ${joined.first}::date AND ${last}::date`;
}

function payers(asked: CohortAsked): SQL {
  const { source, measure, anyTime, seen } = asked;
  const now = sql`coalesce(n.before_annual + n.annual, 0)`;
  const counted = {
    customers: sql`NULL::numeric`,
    mrr_net: now,
    mrr_gross: sql`least(j.initial, ${now})`,
  }[measure];
  const moved = sql`SELECT DISTINCT x.customer_id FROM ${source.ledger} x
    WHERE x.kind <> 'fx' AND x.day BETWEEN ${seen.first}::date AND ${seen.last}::date`;
  return sql`SELECT j.customer_id AS cust, j.day, 1 AS place, ''::text AS ref, 'member' AS part, NULL::text AS kind,
      j.initial AS before, ${now} AS after, ${now} - j.initial AS amount, ${counted} AS counted,
      (coalesce(n.kind <> 'churn', false) ${anyTime ? sql`OR x.customer_id IS NOT NULL` : sql``})::int AS customers,
      NULL::text AS cause, NULL::text AS note, NULL::uuid AS upload_id, NULL::int AS line
    FROM (${members(asked)}) j
    LEFT JOIN (SELECT * FROM ${source.ledger} n WHERE ${holdsOn(sql.raw("n"), seen.last)}) n ON n.customer_id = j.customer_id
    ${anyTime ? sql`LEFT JOIN (${moved}) x ON x.customer_id = j.customer_id` : sql``}`;
}

function active({ source, joined, seen, asOf }: CohortAsked): SQL {
  return sql`SELECT t.customer_id AS cust, min(t.day) AS day, 1 AS place, ''::text AS ref, 'member' AS part, NULL::text AS kind,
      NULL::numeric AS before, NULL::numeric AS after, NULL::numeric AS amount, NULL::numeric AS counted,
      bool_or(t.day BETWEEN ${seen.first}::date AND ${seen.last}::date)::int AS customers,
      NULL::text AS cause, count(*) FILTER (WHERE t.day BETWEEN ${seen.first}::date AND ${seen.last}::date)::text AS note,
      NULL::uuid AS upload_id, NULL::int AS line
    FROM transaction t JOIN customer c ON c.id = t.customer_id AND ${counts(source)}
    WHERE t.org_id = ${source.scope.orgId} AND t.day <= ${asOf}::date
    GROUP BY t.customer_id
    HAVING min(t.day) BETWEEN ${joined.first}::date AND ${earlierDay(joined.last, asOf)}::date`;
}

interface Cell {
  cohort: Period;
  k: number;
  grain: NonNullable<ExplainInput["grain"]>;
}

/** @throws AppError BAD_REQUEST: `missing_cell`, `bad_period` */
function requireCell({ cohort, k, grain }: ExplainInput, calendar: Observation["calendar"]): Cell {
  if (cohort === undefined || k === undefined)
    throw new AppError("BAD_REQUEST", "Say which cell, for example cohort=2024-01&k=3.", {
      reason: "missing_cell",
    });
  const found = findGrain(requirePeriod(cohort, calendar));
  if (found === null || found === "day" || (grain !== undefined && grain !== found))
    throw new AppError(
      "BAD_REQUEST",
      `“${cohort}” is not a cohort by ${grain ?? "week, month, quarter or year"}.`,
      {
        reason: "bad_period",
        details: { period: cohort },
      },
    );
  return { cohort, k, grain: found };
}

/** @throws AppError BAD_REQUEST, reason `bad_period`, where the calendar ends before */
function periodAfter(cohort: Period, k: number, calendar: Observation["calendar"]): Period {
  const years = { week: 53, month: 12, quarter: 4, year: 1, day: 366 }[findGrain(cohort) ?? "year"];
  if (Number(cohort.slice(0, 4)) + Math.ceil(k / years) >= 9990)
    throw new AppError("BAD_REQUEST", "This cell lies after the end of the calendar.", {
      reason: "bad_period",
    });
  return shiftPeriod(cohort, k, calendar);
}

/** A cell of the cohort table: its members, with what they began with and what they are worth in period k. */
export async function explainCell(
  tx: LedgerTx,
  settings: AnalyticsSettings,
  query: ExplainInput,
): Promise<ExplainOutput> {
  const { measure, filter } = query;
  const observation = observationOf(settings, query);
  const { asOf, calendar } = observation;
  const { cohort, k, grain } = requireCell(query, calendar);
  const table = await getCohorts(tx, {
    ...{ grain, measure, from: cohort, to: cohort, as_of: query.as_of, filter },
    ...(query.basis && { basis: query.basis }),
  });
  const { basis } = table;
  const cell = table.cohorts[0]?.cells[k] ?? null;
  const period = periodAfter(cohort, k, calendar);
  const seen = { first: periodStart(period, calendar), last: earlierDay(periodEnd(period, calendar), asOf) };
  const joined = { first: periodStart(cohort, calendar), last: periodEnd(cohort, calendar) };
  const source = await findLedgerSource(tx, settings, filter);
  const anyTime = settings.policy.cohort_cell === "any";
  const list = cell && cohortList({ source, basis, measure, anyTime, joined, seen, asOf });
  const page = await readList(tx, source, list, query);
  const { formula, parts } = cohortExplanation(measure, basis === "first_activity");
  const known = [];
  for (const part of parts)
    known.push(
      await partOf(part, {
        ...{ tx, source, list, period, periodBefore: null, finance: null, policy: settings.policy },
        groups: page.groups,
        span: {
          fromDay: seen.first,
          cutDay: seen.last,
          endDay: seen.last,
          phase: "past",
          asOf,
          thenDay: seen.last,
        },
        points: () => Promise.resolve([]),
      }),
    );
  return answerOf({
    subject: {
      metric: "cohort",
      label: labels[measure],
      definition: definitions[measure],
      ...{ period, period_before: null, from: seen.first, to: seen.last },
      cohort: { cohort, k, grain, basis, measure },
    },
    number: {
      value: cell?.value ?? null,
      rate: cell?.rate ?? null,
      reason: cell ? null : "no_data",
      complete: cell?.complete ?? false,
    },
    unit: measure === "customers" ? "count" : "money",
    formula: { template: formula, yields: "rate", parts: known },
    rules: cohortRules,
    ...{ settings, asOf, list, page },
    rows: await readSources(tx, list, page.items, { scope: source.scope, asks: memberAsks(basis, seen) }),
  });
}

const labels: Record<CohortsOutput["measure"], string> = {
  customers: "Customers kept",
  mrr_net: "MRR kept, growth included",
  mrr_gross: "MRR kept, growth left out",
};
const definitions: Record<CohortsOutput["measure"], string> = {
  customers: "Members of the cohort who are customers in the period, and their share of all members.",
  mrr_net: "What the cohort's members pay at the end of the period, and its share of their first MRR.",
  mrr_gross:
    "What the cohort's members pay at the end of the period, of each at most the first MRR, and its share of that.",
};

/** The rows that made somebody a member, and those of the period. */
const memberAsks =
  (basis: CohortsOutput["basis"], seen: CohortAsked["seen"]) =>
  ({ cust, day }: ItemRow, n: number): SourceAsk[] =>
    basis === "first_activity"
      ? [
          { n, cust, day, role: "first", mode: "activity", ref: day },
          { n, cust, day: seen.first, role: "active", mode: "activity", ref: seen.last },
        ]
      : [
          { n, cust, day, role: "joined", mode: basis === "signup" ? "signup" : "begun" },
          { n, cust, day: seen.last, role: "holds", mode: "held" },
        ];
