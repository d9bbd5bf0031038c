import { type SQL, sql } from "drizzle-orm";
import { choosesCustomers, conditionsOf, type Expression, isSubscriptionKey } from "#metrics/segments.ts";
import { AppError } from "#root/errors.ts";
import { type Asked, conditionSql } from "./filter-condition.ts";

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
  if (choosesCustomers(expression)) found.customers.push(expressionSql(expression, "customer"));
  else if ("all" in expression) for (const one of expression.all) place(one, found);
  else found.versions.push(expressionSql(expression, "version"));
}

function expressionSql(expression: Expression, asked: Asked): SQL {
  if ("all" in expression) return join(expression.all, " AND ", asked);
  if ("any" in expression) return join(expression.any, " OR ", asked);
  return conditionSql(expression, asked);
}

/** What a row knows by itself comes first: where it decides, the rest is not looked up. */
const join = (expressions: readonly Expression[], word: string, asked: Asked): SQL =>
  sql`(${sql.join(
    expressions
      .toSorted((a, b) => Number(isLookup(a, asked)) - Number(isLookup(b, asked)))
      .map((expression) => expressionSql(expression, asked)),
    sql.raw(word),
  )})`;

const isLookup = (expression: Expression, asked: Asked): boolean =>
  conditionsOf(expression).some(({ key }) =>
    asked === "version" ? !isSubscriptionKey(key) : key === "size" || key === "tenure",
  );

const allOf = (conditions: SQL[]): SQL | null =>
  conditions.length === 0 ? null : sql`(${sql.join(conditions, sql` AND `)})`;
