import { sql } from "drizzle-orm";
import { AppError } from "#root/errors.ts";
import type { InstanceTx, OrgTx } from "../database.ts";

/** The one person as whom everybody explores the instance's demo without an account; it has no password. */
export const demoGuest = { email: "guest@demo.invalid", name: "Guest" } as const;
export const demoName = "Demo company";
/** In the order in which they are handed in; the last makes the numbers whole. */
export const demoFileNames = [
  "demo-fx-rates.csv",
  "demo-spend.csv",
  "demo-customers.csv",
  "demo-transactions.csv",
  "demo-subscriptions.csv",
] as const;

/** Two first visitors make one demo: whoever comes second waits here, and then finds it. */
export async function lockDemo(tx: InstanceTx): Promise<void> {
  await tx.rows(sql`SELECT pg_advisory_xact_lock(360010)`);
}

/** The last day of the demo's story: today, where the organisation is. */
export async function getDemoDay(tx: OrgTx): Promise<string> {
  const [row] = await tx.rows<{ day: string }>(
    sql`SELECT (now() AT TIME ZONE timezone)::date AS day FROM organisation WHERE id = ${tx.orgId}`,
  );
  if (!row) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  return row.day;
}

/** How many customers the demo has by now, and whether all its files are in. */
export async function demoProgress(tx: OrgTx): Promise<{ customers: number; ready: boolean }> {
  const [row] = await tx.rows<{ customers: string; ready: boolean }>(sql`
    SELECT (SELECT count(*) FROM customer WHERE org_id = ${tx.orgId}) AS customers,
      (SELECT count(*) >= ${demoFileNames.length} AND bool_and(status NOT IN ('receiving', 'queued', 'parsing', 'importing'))
       FROM upload WHERE org_id = ${tx.orgId} AND file_name = ANY(${`{${demoFileNames.join(",")}}`}::text[])) AS ready
    FROM organisation WHERE id = ${tx.orgId} AND is_demo`);
  return { customers: Number(row?.customers ?? 0), ready: row?.ready === true };
}

/** How many customers the organisation has. */
export async function countCustomers(tx: OrgTx): Promise<number> {
  const [row] = await tx.rows<{ n: number }>(
    sql`SELECT count(*)::int AS n FROM customer WHERE org_id = ${tx.orgId}`,
  );
  return row?.n ?? 0;
}
