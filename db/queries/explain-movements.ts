import { type SQL, sql } from "drizzle-orm";
import { addDays, type Day } from "#metrics/day.ts";
import type { RowList } from "#metrics/explanation.ts";
import type { MovementKind } from "#metrics/ledger.ts";
import type { PeriodSums } from "#metrics/period-sums.ts";
import type { PolicySettings } from "#metrics/policy.ts";
import type { ItemList } from "./explain-items.ts";

/** Lists of what makes up a number, over any ledger: the rows behind the sums of metrics/period-sums.ts. */

export interface ListSpan {
  fromDay: Day;
  /** The last observed day of the period. */
  cutDay: Day;
  endDay: Day;
  phase: PeriodSums["phase"];
  asOf: Day;
  /** Twelve months before the cut. */
  thenDay: Day;
}

interface Asked {
  ledger: SQL;
  span: ListSpan;
  policy: PolicySettings;
}

/** The row of a customer's ledger that holds at the end of a day: there is at most one. */
export const holdsOn = (row: SQL, day: Day): SQL =>
  sql`${row}.day <= ${day}::date AND (${row}.until_day IS NULL OR ${row}.until_day > ${day}::date)`;

const m = sql.raw("m");
const amountOf = (row: string): SQL => sql.raw(`${row}.before_annual + ${row}.annual`);
const kindList = (kinds: readonly MovementKind[]): SQL => sql`${`{${kinds.join(",")}}`}::text[]`;
/** The columns that rows of a ledger have nothing for. */
const plain = sql`NULL::text AS note, NULL::uuid AS upload_id, NULL::int AS line`;
const place = sql`(m.kind <> 'fx')::int AS place, ''::text AS ref`;

/** Who holds what at the end: the sum of the amounts is the MRR, the number of those that are active the customers. */
function states({ ledger, span }: Asked): SQL {
  const held = amountOf("m");
  return sql`SELECT m.customer_id AS cust, m.day, ${place}, 'held' AS part, m.kind, NULL::numeric AS before, ${held} AS after,
      ${held} AS amount, ${held} AS counted, (m.kind <> 'churn')::int AS customers, NULL::text AS cause, ${plain}
    FROM ${ledger} m WHERE ${holdsOn(m, span.cutDay)} AND (m.kind <> 'churn' OR ${held} <> 0)`;
}

/**
 * Movements of the period with what is known of their customer: its amount and whether it was active at the start, and
 * whether it came and left within the period (`flash`).
 */
const moved = ({ ledger, span }: Asked): SQL => sql`
  SELECT *, joined AND gone AND NOT was_active AS flash FROM (
    SELECT m.*, (m.kind <> 'fx')::int AS place, first_value(m.before_annual) OVER w AS start_annual,
      first_value(m.kind) OVER w NOT IN ('new', 'reactivation') AS was_active,
      last_value(m.kind) OVER w = 'churn' AS gone, bool_or(m.kind = 'new') OVER w AS joined
    FROM ${ledger} m WHERE m.day BETWEEN ${span.fromDay}::date AND ${span.cutDay}::date
    WINDOW w AS (PARTITION BY m.customer_id ORDER BY m.day, (m.kind <> 'fx')::int
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) m`;

const movementColumns = sql`m.customer_id AS cust, m.day, m.place, ''::text AS ref`;
const changeColumns = sql`m.kind, m.before_annual AS before, ${amountOf("m")} AS after, m.annual AS amount`;
const isLoss = sql`m.kind IN ('churn', 'contraction')`;

/** Customers who come and leave within the period leave no trace where the policy drops them. */
const dropped = ({ policy }: Asked): SQL => (policy.new_and_churn === "drop" ? sql`m.flash` : sql`false`);

function movements(asked: Asked, kinds: readonly MovementKind[]): SQL {
  const out = dropped(asked);
  return sql`SELECT ${movementColumns}, CASE WHEN ${out} THEN 'not_counted' ELSE m.kind END AS part, ${changeColumns},
      CASE WHEN ${out} THEN 0 WHEN ${isLoss} THEN -m.annual ELSE m.annual END AS counted,
      CASE WHEN ${out} THEN 0 ELSE (row_number() OVER (PARTITION BY m.customer_id, m.kind ORDER BY m.day) = 1)::int END AS customers,
      m.cause, ${plain}
    FROM (${moved(asked)}) m WHERE m.kind = ANY (${kindList(kinds)})`;
}

/**
 * Movements of a rate. Losses count up to what the customer paid at the start, in the order of their days; those of a
 * customer who came and left count where the policy says so.
 */
function losses(asked: Asked, kinds: readonly MovementKind[]): SQL {
  const lost = sql`CASE WHEN ${isLoss} THEN -m.annual ELSE 0 END`;
  const flash = asked.policy.new_and_churn === "both" ? sql`m.flash` : sql`false`;
  const counted = sql`CASE WHEN NOT ${isLoss} THEN CASE WHEN ${dropped(asked)} THEN 0 ELSE m.annual END
      WHEN ${flash} THEN -m.annual
      ELSE least(m.start_annual, m.so_far) - least(m.start_annual, m.so_far + m.annual) END`;
  return sql`SELECT cust, day, place, ref, CASE WHEN counted = 0 AND amount <> 0 THEN 'not_counted' ELSE kind END AS part,
      kind, before, after, amount, counted, (counted <> 0)::int AS customers, cause, note, upload_id, line
    FROM (SELECT ${movementColumns}, ${changeColumns}, ${counted} AS counted, m.cause, ${plain}
      FROM (SELECT m.*, sum(${lost}) OVER (PARTITION BY m.customer_id ORDER BY m.day, m.place ROWS UNBOUNDED PRECEDING) AS so_far
        FROM (${moved(asked)}) m) m
      WHERE m.kind = ANY (${kindList(kinds)})) counted`;
}

/** Churn movements; of a customer who was there at the start and is not at the end, the last one counts. */
function leavers(asked: Asked): SQL {
  const both = asked.policy.new_and_churn === "both" ? sql`true` : sql`false`;
  const last = sql`row_number() OVER (PARTITION BY m.customer_id ORDER BY m.day DESC) = 1`;
  return sql`SELECT cust, day, place, ref, part, kind, before, after, amount, NULL::numeric AS counted,
      (part <> 'not_counted')::int AS customers, cause, note, upload_id, line
    FROM (SELECT ${movementColumns}, CASE WHEN NOT (m.gone AND ${last}) THEN 'not_counted' WHEN m.was_active THEN 'lost'
        WHEN m.flash AND ${both} THEN 'flash' ELSE 'not_counted' END AS part, ${changeColumns}, m.cause, ${plain}
      FROM (${moved(asked)}) m WHERE m.kind = 'churn') churned`;
}

function retained({ ledger, span }: Asked, floor: boolean): SQL {
  const now = sql`coalesce(${amountOf("n")}, 0)`;
  const then = amountOf("m");
  return sql`SELECT m.customer_id AS cust, coalesce(n.day, m.day) AS day, 1 AS place, ''::text AS ref, 'now' AS part,
      NULL::text AS kind, ${then} AS before, ${now} AS after, ${now} - (${then}) AS amount,
      ${floor ? sql`least(${then}, ${now})` : now} AS counted, 1 AS customers, NULL::text AS cause, ${plain}
    FROM (SELECT * FROM ${ledger} m WHERE ${holdsOn(m, span.thenDay)} AND ${then} > 0) m
    LEFT JOIN (SELECT * FROM ${ledger} n WHERE ${holdsOn(sql.raw("n"), span.cutDay)}) n ON n.customer_id = m.customer_id`;
}

/** What is dated after the observation and belongs to the period; nothing where that is over. */
function later({ ledger, span }: Asked, kinds: readonly MovementKind[] | null): SQL {
  const within =
    span.phase === "past"
      ? sql`false`
      : span.phase === "running"
        ? sql`m.day > ${span.asOf}::date`
        : sql`m.day > ${kinds ? addDays(span.fromDay, -1) : span.asOf}::date AND m.day <= ${span.endDay}::date`;
  const sign = kinds ? sql`-m.annual` : sql`m.annual`;
  return sql`SELECT m.customer_id AS cust, m.day, ${place}, 'later' AS part, ${changeColumns}, ${sign} AS counted,
      (m.kind IN ('new', 'reactivation'))::int - (m.kind = 'churn')::int AS customers, m.cause, ${plain}
    FROM ${ledger} m WHERE ${within} ${kinds ? sql`AND m.kind = ANY (${kindList(kinds)})` : sql``}`;
}

type LedgerList = Exclude<RowList, { list: "trials" | "spend" | "usage" }>;

/** The list of a metric that is made of the ledger alone. */
export function movementList(spec: LedgerList, asked: Asked): ItemList {
  switch (spec.list) {
    case "states":
      return { select: states(asked), type: "state", annual: true };
    case "movements":
      return { select: movements(asked, spec.kinds), type: "movement", annual: true };
    case "losses":
      return { select: losses(asked, spec.kinds), type: "movement", annual: true };
    case "leavers":
      return { select: leavers(asked), type: "movement", annual: true };
    case "retained":
      return { select: retained(asked, spec.floor), type: "comparison", annual: true };
    case "later":
      return { select: later(asked, spec.kinds), type: "movement", annual: true };
  }
}
