import { and, asc, count, eq, gt, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import { type DashboardContent, seedDashboard } from "#collab/dashboard-doc.ts";
import { AppError } from "#root/errors.ts";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { dashboard } from "../schema/dashboards.ts";
import { createDoc } from "./collab.ts";
import { shutDoc } from "./collab-edit.ts";
import { type Dashboard, freshDashboards, type Projected } from "./dashboard-projections.ts";
import { recordEvent } from "./events.ts";

/** As many as an organisation may have, archived ones included. */
const mostDashboards = 1000;

const own = (tx: OrgTx, id: string) => and(eq(dashboard.orgId, tx.orgId), eq(dashboard.id, id));
const tell = (tx: OrgTx, id: string) => recordEvent(tx, { topic: "dashboards", keys: { id } });
const noSuchDashboard = () => new AppError("NOT_FOUND", "There is no such dashboard.");

async function readRows(tx: OrgTx, where: SQL | undefined, limit: number): Promise<Projected[]> {
  return tx.q
    .select({
      id: dashboard.id,
      title: dashboard.title,
      widgets: dashboard.widgets,
      filters: dashboard.filters,
      createdAt: dashboard.createdAt,
      archivedAt: dashboard.archivedAt,
      // the same epoch and number as the document's: nothing was written since
      isFresh: sql<boolean>`EXISTS (
        SELECT FROM app.collab_doc AS d WHERE d.org_id = ${dashboard.orgId} AND d.doc_id = ${dashboard.id}
          AND d.epoch = ${dashboard.projectedEpoch} AND d.head_seq = ${dashboard.projectedSeq})`,
    })
    .from(dashboard)
    .where(and(eq(dashboard.orgId, tx.orgId), where))
    .orderBy(asc(dashboard.id))
    .limit(limit);
}

/** Oldest first: the first one is the organisation's home page. Archived ones are a list of their own. */
export async function listDashboards(
  tx: OrgTx,
  input: { limit: number; cursor?: string; archived?: boolean },
) {
  const after = decodeIdCursor(input.cursor);
  const rows = await readRows(
    tx,
    and(
      input.archived ? isNotNull(dashboard.archivedAt) : isNull(dashboard.archivedAt),
      after === null ? undefined : gt(dashboard.id, after),
    ),
    input.limit + 1,
  );
  const found = page(rows, input.limit, (row) => [row.id]);
  return { ...found, items: await freshDashboards(tx, found.items) };
}

/** As its document is now. @throws AppError NOT_FOUND, with reason `archived` while it is archived */
export async function getDashboard(tx: OrgTx, id: string): Promise<Dashboard> {
  const found = await getAnyDashboard(tx, id);
  if (found.archivedAt)
    throw new AppError("NOT_FOUND", "This dashboard was archived. Restore it to open it.", {
      reason: "archived",
    });
  return found;
}

/** Archived ones too. @throws AppError NOT_FOUND */
async function getAnyDashboard(tx: OrgTx, id: string): Promise<Dashboard> {
  const [found] = await freshDashboards(tx, await readRows(tx, eq(dashboard.id, id), 1));
  if (!found) throw noSuchDashboard();
  return found;
}

/** Makes the dashboard and its document. @throws AppError UNPROCESSABLE `too_many_dashboards` */
export async function createDashboard(tx: OrgTx, content: DashboardContent): Promise<{ id: string }> {
  await tx.rows(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`dashboards of ${tx.orgId}`}, 0))`);
  const [all] = await tx.q.select({ count: count() }).from(dashboard).where(eq(dashboard.orgId, tx.orgId));
  if ((all?.count ?? 0) >= mostDashboards)
    throw new AppError("UNPROCESSABLE", `There are ${mostDashboards} dashboards already.`, {
      reason: "too_many_dashboards",
    });
  const id = newId();
  await tx.q.insert(dashboard).values({ orgId: tx.orgId, id, title: content.title });
  await createDoc(tx, { docId: id, kind: "dashboard", state: seedDashboard(content) });
  await tell(tx, id);
  return { id };
}

/** Takes it out of sight and shows everybody out of its document. Idempotent. @returns its title @throws AppError NOT_FOUND */
export async function archiveDashboard(tx: OrgTx, id: string): Promise<string> {
  const { title } = await getAnyDashboard(tx, id);
  await tx.q
    .update(dashboard)
    .set({ archivedAt: sql`coalesce(${dashboard.archivedAt}, now())` })
    .where(own(tx, id));
  await shutDoc(tx, id, true);
  await tell(tx, id);
  return title;
}

/** Idempotent. @returns its title @throws AppError NOT_FOUND */
export async function restoreDashboard(tx: OrgTx, id: string): Promise<string> {
  const { title } = await getAnyDashboard(tx, id);
  await tx.q.update(dashboard).set({ archivedAt: null }).where(own(tx, id));
  await shutDoc(tx, id, false);
  await tell(tx, id);
  return title;
}
