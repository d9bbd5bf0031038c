import { customType, numeric, pgSchema, timestamp, uuid } from "drizzle-orm/pg-core";

/**
 * What the tables of this folder are written with. They are the tables as TypeScript sees them; `db/migrations` is what makes
 * them (keys, checks and row-level security stand there). Days are `YYYY-MM-DD` text, amounts decimal strings, instants Dates.
 */
export const app = pgSchema("app");
export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
export const instant = (name: string) => timestamp(name, { withTimezone: true });
export const amount = (name: string) => numeric(name, { precision: 38, scale: 12 });
export const created = () => instant("created_at").notNull().defaultNow();
export const orgId = () => uuid("org_id").notNull();
