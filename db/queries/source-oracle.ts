import { sql } from "drizzle-orm";
import { type Day, earlierDay } from "#metrics/day.ts";
import { type Decimal, multiply, parseDecimal, toStored } from "#metrics/decimal.ts";
import type { BillingStatus } from "#metrics/ledger.ts";
import { type Interval, intervals, periodsPerYear } from "#metrics/normalise.ts";
import { listPeriods, periodEnd } from "#metrics/period.ts";
import { type Compared, type ComparedVersion, compareMrr } from "#metrics/reconcile.ts";
import type { OrgTx } from "../database.ts";
import { type AnalyticsSettings, getAnalyticsSettings } from "./analytics-settings.ts";
import { getSource, updateSource } from "./sources.ts";

/** A vendor's own figures ("oracle") beside ours: kept to be compared, never a source of numbers. */

export interface OracleFigure {
  customerId: string;
  /** '2026-03' */
  month: string;
  mrr: Decimal;
  /** Null: the organisation's. */
  currency: string | null;
}

/**
 * Replaces the figures that a source is compared with; of several for one customer, month and currency the sum counts.
 * @throws AppError NOT_FOUND
 */
export async function putOracle(
  tx: OrgTx,
  { sourceId, name, figures }: { sourceId: string; name: string; figures: readonly OracleFigure[] },
): Promise<void> {
  const { currency } = await getAnalyticsSettings(tx);
  await tx.rows(sql`DELETE FROM source_oracle WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid`);
  await updateSource(tx, sourceId, { oracleName: name, oracleAt: new Date() });
  await tx.rows(sql`
    INSERT INTO source_oracle (org_id, source_id, customer_id, month, mrr, currency)
    SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, f.customer_id, (f.month || '-01')::date, sum(f.mrr), f.currency
    FROM unnest(${sql.param(figures.map(({ customerId }) => customerId))}::text[],
      ${sql.param(figures.map(({ month }) => month))}::text[],
      ${sql.param(figures.map(({ mrr }) => mrr))}::numeric[],
      ${sql.param(figures.map((figure) => figure.currency ?? currency))}::text[]) AS f (customer_id, month, mrr, currency)
    GROUP BY f.customer_id, f.month, f.currency`);
}

/** Forgets the figures. @throws AppError NOT_FOUND */
export async function deleteOracle(tx: OrgTx, sourceId: string): Promise<void> {
  await tx.rows(sql`DELETE FROM source_oracle WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid`);
  await updateSource(tx, sourceId, { oracleName: null, oracleAt: null });
}

export interface OracleFile {
  name: string;
  uploadedAt: Date;
  /** '2026-01' */
  from: string;
  to: string;
}

/** The file that a source is compared with; null where none was given. @throws AppError NOT_FOUND */
export async function findOracle(tx: OrgTx, sourceId: string): Promise<OracleFile | null> {
  const { oracleName: name, oracleAt: uploadedAt } = await getSource(tx, sourceId);
  const [span] = await tx.rows<{ from: string | null; to: string | null }>(sql`
    SELECT to_char(min(month), 'YYYY-MM') AS from, to_char(max(month), 'YYYY-MM') AS to
    FROM source_oracle WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid`);
  if (name === null || uploadedAt === null || !span?.from || !span.to) return null;
  return { name, uploadedAt, from: span.from, to: span.to };
}

/** One figure of each side. */
export interface ComparedFigure extends Compared {
  customerId: string;
  name: string | null;
  month: string;
  currency: string;
  theirs: Decimal | null;
}

/** Customers are compared so many at a time: flat memory, and turns for others between. */
const batch = 1_000;

/**
 * Every customer and month of the file, and of ours within its months, compared; by customer, not sorted otherwise.
 * @param visit is called with each batch
 */
export async function compareWithOracle(
  tx: OrgTx,
  sourceId: string,
  file: Pick<OracleFile, "from" | "to">,
  visit: (figures: ComparedFigure[]) => void,
): Promise<void> {
  const settings = await getAnalyticsSettings(tx);
  const months = listPeriods(`${file.from}-01`, `${file.to}-01`, "month").filter(
    (month) => `${month}-01` <= settings.today,
  );
  const seen = { sourceId, months, settings };
  for (let after: string | null = ""; after !== null; ) {
    const who = await listCompared(tx, sourceId, after);
    if (who.length > 0) visit(await compareBatch(tx, seen, who));
    after = who.length === batch ? (who.at(-1)?.id ?? null) : null;
  }
}

interface Who extends Record<string, unknown> {
  id: string;
  name: string | null;
  known: boolean;
  excluded: boolean;
}

/** Customers that the file or the source names. A merged customer stands under its own id, as the vendor has it. */
const listCompared = (tx: OrgTx, sourceId: string, after: string): Promise<Who[]> =>
  tx.rows<Who>(sql`
    WITH named AS (
      SELECT customer_id AS id FROM source_oracle
      WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid AND customer_id > ${after}
      UNION
      SELECT c.external_id FROM customer c JOIN subscription_version v
        ON v.org_id = ${tx.orgId} AND coalesce(v.merged_from, v.customer_id) = c.id AND v.source_id = ${sourceId}::uuid
      WHERE c.org_id = ${tx.orgId} AND c.external_id > ${after}
      ORDER BY 1 LIMIT ${batch})
    SELECT n.id, c.name, c.id IS NOT NULL AND EXISTS (SELECT FROM customer_fact f
        WHERE f.org_id = ${tx.orgId} AND f.customer_id = c.id AND f.source_id = ${sourceId}::uuid) AS known,
      -- a merged customer says of itself that it is merged: whether it counts, whom it counts as says
      CASE WHEN r.id IS NULL THEN c.excluded_reason ELSE r.excluded_reason END IS NOT NULL AS excluded
    FROM named n LEFT JOIN customer c ON c.org_id = ${tx.orgId} AND c.external_id = n.id
    LEFT JOIN customer_merge g ON g.org_id = ${tx.orgId} AND g.customer_id = c.id
    LEFT JOIN customer r ON r.org_id = ${tx.orgId} AND r.id = g.root_id
    ORDER BY n.id`);

interface VersionRow extends Record<string, unknown> {
  customer_id: string;
  currency: string;
  status: BillingStatus;
  from_day: Day;
  to_day: Day | null;
  past_due_day: Day | null;
  past_due_paid_day: Day | null;
  past_due_lost_day: Day | null;
  cancel_day: Day | null;
  none: string;
  all: string;
  recurring: string;
  forever_only: string;
  unit_amount: string;
  quantity: string;
  interval: string;
  confidence: ComparedVersion["confidence"];
}

async function compareBatch(
  tx: OrgTx,
  {
    sourceId,
    months,
    settings,
  }: { sourceId: string; months: readonly string[]; settings: AnalyticsSettings },
  who: readonly Who[],
): Promise<ComparedFigure[]> {
  const ids = sql`ANY (${sql.param(who.map(({ id }) => id))}::text[])`;
  const versions = Map.groupBy(
    await tx.rows<VersionRow>(sql`
      SELECT c.external_id AS customer_id, v.currency, v.status, v.from_day::text AS from_day, v.to_day::text AS to_day,
        v.past_due_day::text AS past_due_day, v.past_due_paid_day::text AS past_due_paid_day,
        v.past_due_lost_day::text AS past_due_lost_day, v.cancel_day::text AS cancel_day, v.annual_list::text AS "none", v.annual::text AS "all",
        coalesce(v.annual_recurring, v.annual)::text AS recurring, coalesce(v.annual_forever, v.annual)::text AS forever_only,
        v.unit_amount::text AS unit_amount, v.quantity::text AS quantity, v.interval, v.confidence
      FROM customer c JOIN subscription_version v ON v.org_id = ${tx.orgId} AND v.source_id = ${sourceId}::uuid
        AND coalesce(v.merged_from, v.customer_id) = c.id AND v.superseded_by IS NULL
        AND (v.to_day IS NULL OR v.to_day > v.from_day)
      WHERE c.org_id = ${tx.orgId} AND c.external_id = ${ids}`),
    ({ customer_id }) => customer_id,
  );
  const theirs = Map.groupBy(
    await tx.rows<{ customer_id: string; month: string; mrr: string; currency: string }>(sql`
      SELECT customer_id, to_char(month, 'YYYY-MM') AS month, mrr::text AS mrr, currency FROM source_oracle
      WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid AND customer_id = ${ids}`),
    ({ customer_id }) => customer_id,
  );
  const usage = new Map(
    (
      await tx.rows<{ key: string; amount: string }>(sql`
        SELECT c.external_id || ' ' || to_char(t.day, 'YYYY-MM') || ' ' || t.currency AS key, sum(t.amount)::text AS amount
        FROM customer c JOIN transaction t ON t.org_id = ${tx.orgId} AND coalesce(t.merged_from, t.customer_id) = c.id
          AND t.source_id = ${sourceId}::uuid
        WHERE c.org_id = ${tx.orgId} AND c.external_id = ${ids} AND t.amount IS NOT NULL GROUP BY 1`)
    ).map(({ key, amount }) => [key, amount]),
  );

  return who.flatMap(({ id, name, known, excluded }) => {
    const held = (versions.get(id) ?? []).map(comparedVersion);
    const given = theirs.get(id) ?? [];
    return months.flatMap((month) => {
      const figures = given.filter((figure) => figure.month === month);
      const named = figures.length > 0 ? figures : null;
      // what we hold in a currency that they do not name stands against nothing
      const currencies = new Set(
        named?.map(({ currency }) => currency) ?? held.map(({ currency }) => currency),
      );
      return [...currencies].flatMap((currency): ComparedFigure[] => {
        const figure = named?.find((one) => one.currency === currency)?.mrr ?? null;
        const end = periodEnd(month);
        const compared = compareMrr({
          versions: held,
          currency,
          theirs: figure,
          day: earlierDay(end, settings.today),
          today: settings.today,
          policy: settings.policy,
          usage: usage.get(`${id} ${month} ${currency}`) ?? "0",
          standing: excluded ? "excluded" : known ? "counts" : "unknown",
        });
        // nothing on both sides is no figure
        if (figure === null && compared.reason === "equal") return [];
        return [
          {
            customerId: id,
            name,
            month,
            currency,
            theirs: figure && toStored(parseDecimal(figure)),
            ...compared,
          },
        ];
      });
    });
  });
}

const comparedVersion = (row: VersionRow): ComparedVersion => ({
  currency: row.currency,
  status: row.status,
  fromDay: row.from_day,
  toDay: row.to_day,
  pastDueDay: row.past_due_day,
  pastDuePaidDay: row.past_due_paid_day,
  pastDueLostDay: row.past_due_lost_day,
  cancelDay: row.cancel_day,
  annual: { none: row.none, all: row.all, recurring: row.recurring, forever_only: row.forever_only },
  gross: toStored(
    multiply(multiply(parseDecimal(row.unit_amount), parseDecimal(row.quantity)), periodsOf(row.interval)),
  ),
  confidence: row.confidence,
});

/** 'month', '3 month' → how many of them a year has. */
function periodsOf(text: string) {
  const [, count = "1", name] = /^(?:(\d+) )?(\w+)$/.exec(text) ?? [];
  const interval: Interval = intervals.find((known) => known === name) ?? "month";
  return periodsPerYear(interval, Number(count));
}
