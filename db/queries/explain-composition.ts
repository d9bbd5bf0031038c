import { type SQL, sql } from "drizzle-orm";
import type { ExplainInput, ExplainOutput } from "#contracts/explain.ts";
import { sizeBands } from "#metrics/composition.ts";
import type { Day } from "#metrics/day.ts";
import { compositionExplanation } from "#metrics/explain.ts";
import { compositionRules } from "#metrics/explain-policy.ts";
import { periodOf } from "#metrics/period.ts";
import { type AnalyticsSettings, observe } from "./analytics-settings.ts";
import { getComposition } from "./composition.ts";
import { rateSegments, valuedOn } from "./exchange.ts";
import { answerOf, asksOf, readList, readSources } from "./explain-answer.ts";
import type { ItemList } from "./explain-items.ts";
import { partOf } from "./explain-parts.ts";
import { type FilterValues, filterConditions } from "./filters.ts";
import { anyShape, type LedgerScope, type LedgerTx, versionAmount, versionsFrom } from "./ledger.ts";
import { findLedgerSource } from "./ledger-source.ts";

/** The customers behind a part of a composition, or behind the whole: the rows of db/queries/composition.ts. */

const columns: Record<string, SQL> = {
  plan: sql`v.plan`,
  currency: sql`v.currency`,
  interval: sql`v.interval`,
  source: sql`v.source`,
  country: sql`c.country`,
};
const attribute = "attr.";
const bandBounds = sql.raw(`ARRAY[${sizeBands.map(({ from }) => from * 12).join(", ")}]::numeric[]`);

interface CompositionAsked {
  orgId: string;
  settings: AnalyticsSettings;
  filter: FilterValues;
  at: Day;
  by: string;
  /** A part's key, null for "not set"; undefined: the whole. */
  key: string | null | undefined;
}

/** The value by which a version belongs to a part; null for `size`, which looks at whole customers. */
function keyColumn(by: string): SQL | null {
  if (by.startsWith(attribute)) return sql`c.attributes ->> ${by.slice(attribute.length)}`;
  return columns[by] ?? null;
}

/** What choosing a part asks of a version; null: nothing. */
function partCondition({ by, key }: Pick<CompositionAsked, "by" | "key">): SQL | null {
  const column = keyColumn(by);
  return key === undefined || column === null
    ? null
    : sql`nullif(${column}, '') IS NOT DISTINCT FROM ${key}::text`;
}

function compositionScope({ orgId, settings, filter, by }: CompositionAsked): LedgerScope {
  const { versions, customers } = filterConditions(filter);
  const ofCustomers = by === "country" || by.startsWith(attribute);
  return {
    ...{ orgId, currency: settings.currency, policy: settings.policy, versions },
    ...{ today: settings.today, sourced: settings.sourced },
    // the join brings country and attributes
    customers: customers ?? (ofCustomers ? sql`true` : null),
    shape: anyShape,
  };
}

function compositionList(asked: CompositionAsked): ItemList {
  const { orgId, settings, at, by, key } = asked;
  const scope = compositionScope(asked);
  const { value, join } = valuedOn({
    amount: sql`amount`,
    currency: sql`l.currency`,
    day: sql`${at}::date`,
    base: settings.currency,
  });
  const chosen = partCondition(asked);
  const band = sizeBands.findIndex((one) => one.key === key) + 1;
  const bands =
    by === "size" && key !== undefined
      ? sql`HAVING width_bucket(sum(value), ${bandBounds}) = ${band}`
      : sql``;
  const select = sql`WITH rate AS MATERIALIZED (${rateSegments(orgId, settings.currency)}),
    live AS (
      SELECT v.customer_id, v.currency, v.from_day, ${versionAmount(scope)} AS amount
      ${versionsFrom(scope)} AND v.from_day <= ${at}::date AND (v.to_day IS NULL OR v.to_day > ${at}::date)
      ${chosen === null ? sql`` : sql`AND ${chosen}`}
    ), worth AS (SELECT l.customer_id, l.from_day, ${value} AS value FROM live l ${join} WHERE amount <> 0)
    SELECT customer_id AS cust, max(from_day) AS day, 1 AS place, ''::text AS ref, 'held' AS part, NULL::text AS kind,
      NULL::numeric AS before, sum(value) AS after, sum(value) AS amount, sum(value) AS counted, 1 AS customers,
      NULL::text AS cause, NULL::text AS note, NULL::uuid AS upload_id, NULL::int AS line
    FROM worth GROUP BY customer_id ${bands}`;
  return { select, type: "state", annual: true };
}

/** A part of the composition of a day, or the whole: the customers who hold it. */
export async function explainSlice(
  tx: LedgerTx,
  settings: AnalyticsSettings,
  query: ExplainInput,
): Promise<ExplainOutput> {
  const { by, filter } = query;
  const key = query.not_set ? null : query.key;
  const whole = key === undefined;
  const answer = await getComposition(tx, { by, filter, ...(query.at && { at: query.at }) });
  const { at, total, reason } = answer;
  const part = answer.parts.find((one) => one.key === key);
  const asked: CompositionAsked = { orgId: tx.orgId, settings, filter, at, by, key };
  const scope = compositionScope(asked);
  // for its CTEs and settings only: a composition is read from the facts
  const source = { ...(await findLedgerSource(tx, settings, {})), scope };
  const list = total === null ? null : compositionList(asked);
  const page = await readList(tx, source, list, query);
  const period = periodOf(at, "day");
  const name = whole ? "MRR of all parts" : `MRR of ${key ?? "what is not set"}`;
  const { formula, parts } = compositionExplanation(name);
  const known = [];
  for (const one of parts)
    known.push(
      await partOf(one, {
        ...{ tx, source, list, period, periodBefore: null, finance: null, policy: settings.policy },
        groups: page.groups,
        span: { fromDay: at, cutDay: at, endDay: at, phase: "past", asOf: at, thenDay: at },
        points: () => Promise.resolve([]),
      }),
    );
  return answerOf({
    subject: {
      metric: "composition",
      label: name,
      definition: "What the subscriptions of this part are worth per month at the end of the day.",
      ...{ period, period_before: null, from: at, to: at },
      composition: { by, key: key ?? null, whole },
    },
    number: {
      value: total === null ? null : whole ? total : (part?.mrr ?? "0"),
      rate: whole ? null : (part?.share ?? null),
      reason,
      complete: at < observe(settings).today,
    },
    unit: "money",
    formula: { template: formula, yields: "value", parts: known },
    rules: compositionRules,
    ...{ settings, asOf: at, list, page },
    rows: await readSources(tx, list, page.items, {
      scope,
      asks: asksOf("state", { end: at, past: at }),
      only: partCondition(asked),
    }),
  });
}
