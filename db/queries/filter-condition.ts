import { type SQL, sql } from "drizzle-orm";
import { sizeBands } from "#metrics/composition.ts";
import { type Condition, isSubscriptionKey } from "#metrics/segments.ts";
import { tenureBands } from "#metrics/tenure.ts";

/** One condition of a filter or a segment as SQL on `c` or `v`: the twin of `matchesExpression` (metrics/segments.ts). */

const columns: Record<string, SQL> = {
  country: sql`c.country`,
  plan: sql`v.plan`,
  interval: sql`v.interval`,
  currency: sql`v.currency`,
  source: sql`v.source`,
};
const attribute = "attr.";

/** Whose row is asked: a customer `c`, or the customer of a version `v`. */
export type Asked = "customer" | "version";
const customerOf: Record<Asked, { orgId: SQL; id: SQL }> = {
  customer: { orgId: sql`c.org_id`, id: sql`c.id` },
  version: { orgId: sql`v.org_id`, id: sql`v.customer_id` },
};

/**
 * True or false, never NULL. What lies in another table is asked by EXISTS with plain equalities, which Postgres answers from a
 * hash of the whole table where it is asked for many rows.
 */
export function conditionSql(condition: Condition, asked: Asked): SQL {
  const { key, op, values } = condition;
  if (key === "size" || key === "tenure") return negated(op, standing(condition, measures[key], asked));
  const column = key.startsWith(attribute)
    ? sql`c.attributes ->> ${key.slice(attribute.length)}`
    : (columns[key] ?? sql`NULL::text`);
  const isAmong = sql`coalesce(${column}, '') = ANY (${textArray(values)})`;
  return negated(op, asked === "version" && !isSubscriptionKey(key) ? ofCustomer(isAmong) : isAmong);
}

/** Asked of a version's customer. */
const ofCustomer = (condition: SQL): SQL =>
  sql`EXISTS (SELECT FROM customer c WHERE c.org_id = v.org_id AND c.id = v.customer_id AND ${condition})`;

const textArray = (values: readonly string[]): SQL => sql`${sql.param([...values])}::text[]`;
const negated = (op: Condition["op"], condition: SQL): SQL =>
  op === "is_not" ? sql`(NOT (${condition}))` : sql`(${condition})`;

/** In the zone of the organisation in view: the setting that the tenant wall reads. By itself, so that it is asked once. */
const today = sql`(SELECT (now() AT TIME ZONE o.timezone)::date FROM organisation o WHERE o.id = current_setting('app.org_id')::uuid)`;

/** The row `s` of the stored ledger that holds today; a customer has at most one. */
export const holdsToday: SQL = sql`s.day <= ${today} AND (s.until_day IS NULL OR s.until_day > ${today})`;

export interface Measure {
  /** What the row must have, so that there is a value at all. */
  known: SQL;
  /** The key of the row's band. */
  band: SQL;
  number: SQL;
  /** What a number asked for is in the row's unit. */
  inUnits: (value: string) => SQL;
}

const bandOf = (number: SQL, bands: readonly { key: string; from: number }[], unit: number): SQL =>
  sql`(${sql.raw(`ARRAY[${bands.map(({ key }) => `'${key}'`).join(", ")}]::text[]`)})[width_bucket(${number}, ${sql.raw(
    `ARRAY[${bands.map(({ from }) => from * unit).join(", ")}]::numeric[]`,
  )})]`;

/** Of the customer's whole MRR, whatever else is filtered. */
const annual = sql`(s.before_annual + s.annual)`;
/** Whole months since the first payment, as metrics/day.ts `monthsBetween` counts them. */
const months = sql`(extract(year FROM age(${today}, s.cohort_day)) * 12 + extract(month FROM age(${today}, s.cohort_day)))`;

export const measures: Record<"size" | "tenure", Measure> = {
  size: {
    known: sql`${annual} > 0`,
    band: bandOf(annual, sizeBands, 12),
    number: annual,
    inUnits: (value) => sql`12 * ${value}::numeric`,
  },
  tenure: {
    known: sql`s.cohort_day <= ${today}`,
    band: bandOf(months, tenureBands, 1),
    number: months,
    inUnits: (value) => sql`${value}::numeric`,
  },
};

/** The empty value asks for customers that have none. */
function standing({ op, values }: Condition, { known, band, number, inUnits }: Measure, asked: Asked): SQL {
  const { orgId, id } = customerOf[asked];
  const holds = (
    condition: SQL,
  ) => sql`EXISTS (SELECT FROM movement s WHERE s.org_id = ${orgId} AND s.customer_id = ${id}
    AND ${holdsToday} AND ${known} AND ${condition})`;
  if (op === "at_least" || op === "at_most")
    return holds(sql`${number} ${op === "at_least" ? sql`>=` : sql`<=`} ${inUnits(values[0] ?? "")}`);
  const found = holds(sql`${band} = ANY (${textArray(values.filter((value) => value !== ""))})`);
  return values.includes("") ? sql`${found} OR NOT ${holds(sql`true`)}` : found;
}
