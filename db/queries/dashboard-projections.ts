import { sql } from "drizzle-orm";
import { seedDashboard } from "#collab/dashboard-doc.ts";
import { type DashboardProjection, projectDashboard } from "#collab/dashboard-projection.ts";
import { openDocument } from "#collab/state.ts";
import type { OrgTx } from "../database.ts";
import { createDoc, findDoc } from "./collab.ts";

/**
 * A dashboard is its document; its row holds what the document said when somebody last looked. Edits write the log alone, so that
 * they are quick; whoever reads and finds the log ahead projects it and keeps that, for the next reader.
 */

export interface Dashboard extends DashboardProjection {
  id: string;
  createdAt: Date;
  archivedAt: Date | null;
}

/** A row as it is kept. */
export interface Projected extends Dashboard {
  /** Whether the document is still what was projected. */
  isFresh: boolean;
}

/** What only reads found a row behind its document: whoever may write brings it up to date. */
export class ProjectionBehind extends Error {}

/** The same dashboards, each as its document is now. @throws ProjectionBehind in a transaction that only reads */
export async function freshDashboards(tx: OrgTx, rows: readonly Projected[]): Promise<Dashboard[]> {
  if (tx.isSnapshot && rows.some(({ isFresh }) => !isFresh)) throw new ProjectionBehind();
  const fresh: Dashboard[] = [];
  for (const { isFresh, ...row } of rows)
    fresh.push(isFresh ? row : { ...row, ...(await refreshProjection(tx, row)) });
  return fresh;
}

async function refreshProjection(tx: OrgTx, row: Dashboard): Promise<DashboardProjection> {
  const stored = await findDoc(tx, row.id);
  if (!stored) {
    await seedDocument(tx, row.id);
    return row;
  }
  const doc = openDocument(stored.pieces);
  const projection = projectDashboard(doc);
  doc.destroy();
  // Readers wait neither for each other nor for a writer, and nobody puts an older state over a newer one.
  await tx.rows(sql`
    UPDATE dashboard SET title = ${projection.title}, widgets = ${JSON.stringify(projection.widgets)}::json,
      filters = ${JSON.stringify(projection.filters)}::json,
      projected_epoch = ${stored.epoch}, projected_seq = ${stored.headSeq}
    WHERE org_id = ${tx.orgId} AND id IN (
      SELECT id FROM dashboard WHERE org_id = ${tx.orgId} AND id = ${row.id}
        AND (projected_epoch IS DISTINCT FROM ${stored.epoch} OR projected_seq < ${stored.headSeq})
      FOR UPDATE SKIP LOCKED)`);
  return projection;
}

/** The document of a dashboard that was made before there were documents. */
async function seedDocument(tx: OrgTx, id: string): Promise<void> {
  const [row] = await tx.rows<Pick<DashboardProjection, keyof DashboardProjection> & { known: boolean }>(sql`
    SELECT title, widgets, filters,
      EXISTS (SELECT FROM collab_doc AS d WHERE d.org_id = ${tx.orgId} AND d.doc_id = ${id}) AS known
    FROM dashboard WHERE org_id = ${tx.orgId} AND id = ${id} FOR UPDATE`);
  if (row && !row.known) await createDoc(tx, { docId: id, kind: "dashboard", state: seedDashboard(row) });
}

/** Makes the documents that are missing. May run twice. */
export async function seedDashboards(tx: OrgTx): Promise<void> {
  const rows = await tx.rows<{ id: string }>(sql`
    SELECT id FROM dashboard AS b WHERE b.org_id = ${tx.orgId}
      AND NOT EXISTS (SELECT FROM collab_doc AS d WHERE d.org_id = b.org_id AND d.doc_id = b.id)
    ORDER BY id`);
  for (const { id } of rows) await seedDocument(tx, id);
}
