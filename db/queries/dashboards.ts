import { and, asc, eq, gt } from "drizzle-orm";
import { AppError } from "#root/errors.ts";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { dashboard } from "../schema.ts";

export type Dashboard = typeof dashboard.$inferSelect;

/** Oldest first: the first one is the organisation's home page. */
export async function listDashboards(tx: OrgTx, input: { limit: number; cursor?: string }) {
  const after = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select({ id: dashboard.id, title: dashboard.title, createdAt: dashboard.createdAt })
    .from(dashboard)
    .where(and(eq(dashboard.orgId, tx.orgId), after === null ? undefined : gt(dashboard.id, after)))
    .orderBy(asc(dashboard.id))
    .limit(input.limit + 1);
  return page(rows, input.limit, (row) => [row.id]);
}

/** @throws AppError NOT_FOUND */
export async function getDashboard(tx: OrgTx, id: string): Promise<Dashboard> {
  const [found] = await tx.q
    .select()
    .from(dashboard)
    .where(and(eq(dashboard.orgId, tx.orgId), eq(dashboard.id, id)));
  if (!found) throw new AppError("NOT_FOUND", "There is no such dashboard.");
  return found;
}

export async function createDashboard(
  tx: OrgTx,
  values: { title: string; widgets: Record<string, unknown>; filters: Record<string, unknown> },
): Promise<Dashboard> {
  const [made] = await tx.q
    .insert(dashboard)
    .values({ orgId: tx.orgId, id: newId(), ...values })
    .returning();
  return made!;
}
