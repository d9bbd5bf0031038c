import { and, eq, sql } from "drizzle-orm";
import type { InstanceTx, OrgTx } from "../database.ts";
import { organisation } from "../schema.ts";

/** The one person as whom everybody explores the instance's demo without an account; it has no password. */
export const demoGuest = { email: "guest@demo.invalid", name: "Guest" } as const;
export const demoName = "Demo company";

/** Two first visitors make one demo: whoever comes second waits here, and then finds it. */
export async function lockDemo(tx: InstanceTx): Promise<void> {
  await tx.rows(sql`SELECT pg_advisory_xact_lock(360010)`);
}

/** How many customers the demo has by now, and whether its numbers are there. */
export async function demoProgress(tx: OrgTx): Promise<{ customers: number; ready: boolean }> {
  const [row] = await tx.q
    .select({
      version: organisation.metricsVersion,
      customers: sql<string>`(SELECT count(*) FROM app.customer c WHERE c.org_id = ${tx.orgId})`,
    })
    .from(organisation)
    .where(and(eq(organisation.id, tx.orgId), eq(organisation.isDemo, true)));
  return { customers: Number(row?.customers ?? 0), ready: (row?.version ?? 0) > 0 };
}
