import { type SQL, sql } from "drizzle-orm";

/** Key → values, any of which matches; different keys must all match. The empty value is "not set". */
export type FilterValues = Readonly<Record<string, readonly string[]>>;

/** Conditions on `c` (customer) and `v` (subscription_version); null where nothing is asked of them. */
export interface FilterConditions {
  customers: SQL | null;
  versions: SQL | null;
}

const columns: Record<string, { of: keyof FilterConditions; column: SQL }> = {
  country: { of: "customers", column: sql`c.country` },
  plan: { of: "versions", column: sql`v.plan` },
  interval: { of: "versions", column: sql`v.interval` },
  currency: { of: "versions", column: sql`v.currency` },
  source: { of: "versions", column: sql`v.source` },
};
const attribute = "attr.";

/** A filter as SQL: names of columns come from a fixed list, everything else is a parameter. */
export function filterConditions(filter: FilterValues): FilterConditions {
  const found = { customers: [] as SQL[], versions: [] as SQL[] };
  for (const [key, values] of Object.entries(filter)) {
    if (values.length === 0) continue;
    const { of, column } = key.startsWith(attribute)
      ? { of: "customers" as const, column: sql`c.attributes ->> ${key.slice(attribute.length)}` }
      : (columns[key] ?? { of: "customers" as const, column: sql`NULL::text` });
    found[of].push(sql`coalesce(${column}, '') = ANY (${sql.param([...values])}::text[])`);
  }
  const all = (conditions: SQL[]): SQL | null =>
    conditions.length === 0 ? null : sql`(${sql.join(conditions, sql` AND `)})`;
  return { customers: all(found.customers), versions: all(found.versions) };
}
