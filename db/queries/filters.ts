import { type SQL, sql } from "drizzle-orm";
import { choosesCustomers, type Expression, isSubscriptionKey } from "#metrics/segments.ts";
import { AppError } from "#root/errors.ts";
import { conditionSql } from "./filter-condition.ts";

/** Key → values, any of which matches; different keys must all match. The empty value is "not set". */
export type FilterValues = Readonly<Record<string, readonly string[]>>;

/** Conditions on `c` (customer) and `v` (subscription_version); null where nothing is asked of them. Neither is ever NULL in SQL. */
export interface FilterConditions {
  customers: SQL | null;
  versions: SQL | null;
}

/**
 * What `resolveFilter` (segments.ts) puts in the place of `segment`: an expression as JSON. The wire does not know this key
 * (contracts/analytics.ts `filterKey`), and it says all that the answer depends on.
 */
export const expressionKey = "expression";

/** A filter with segments resolved, as SQL: names of columns come from a fixed list, everything else is a parameter. */
export function filterConditions(filter: FilterValues): FilterConditions {
  const found = { customers: [] as SQL[], versions: [] as SQL[] };
  for (const [key, values] of Object.entries(filter)) {
    if (values.length === 0) continue;
    for (const expression of expressionsOf(key, values)) place(expression, found);
  }
  return { customers: allOf(found.customers), versions: allOf(found.versions) };
}

function expressionsOf(key: string, values: readonly string[]): Expression[] {
  if (key === "segment")
    throw new AppError("INTERNAL", "This could not be filtered.", { internal: "a segment was not resolved" });
  // resolveFilter wrote it, from what the schema of segments let through
  if (key === expressionKey) return values.map((text) => JSON.parse(text) as Expression);
  return [{ key: key as `attr.${string}`, op: "is", values }];
}

/** What concerns customers only chooses customers, which is cheaper; the rest is asked of each version with its customer. */
function place(expression: Expression, found: { customers: SQL[]; versions: SQL[] }): void {
  if (choosesCustomers(expression)) found.customers.push(expressionSql(expression, conditionSql));
  else if ("all" in expression) for (const one of expression.all) place(one, found);
  else
    found.versions.push(
      expressionSql(expression, (condition) =>
        isSubscriptionKey(condition.key)
          ? conditionSql(condition)
          : sql`(SELECT ${conditionSql(condition)} FROM customer c WHERE c.org_id = v.org_id AND c.id = v.customer_id)`,
      ),
    );
}

function expressionSql(expression: Expression, one: typeof conditionSql): SQL {
  if ("all" in expression) return join(expression.all, " AND ", one);
  if ("any" in expression) return join(expression.any, " OR ", one);
  return one(expression);
}

const join = (expressions: readonly Expression[], word: string, one: typeof conditionSql): SQL =>
  sql`(${sql.join(
    expressions.map((expression) => expressionSql(expression, one)),
    sql.raw(word),
  )})`;

const allOf = (conditions: SQL[]): SQL | null =>
  conditions.length === 0 ? null : sql`(${sql.join(conditions, sql` AND `)})`;
