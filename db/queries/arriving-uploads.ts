import { sql } from "drizzle-orm";
import type { UploadRequest } from "#contracts/uploads.ts";
import type { OrgTx } from "../database.ts";
import { enqueueArriving, type UploadRow } from "./uploads.ts";

/** Files that are read while the rest of them still arrives. Nobody sees them before they are complete. */

/** Lets a worker begin; what is asked for may still change with the fields behind the file. */
export async function announceArriving(tx: OrgTx, id: string, request: UploadRequest): Promise<void> {
  await tx.rows(sql`UPDATE upload SET requested = ${JSON.stringify(request)}::jsonb
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = 'receiving'`);
  await enqueueArriving(tx, id, null);
}

/** What was asked for so far; null once the file is complete or forgotten. */
export async function findArriving(tx: OrgTx, id: string): Promise<Pick<UploadRow, "requested"> | null> {
  const [row] = await tx.rows<Pick<UploadRow, "requested">>(sql`SELECT requested FROM upload
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = 'receiving'`);
  return row ?? null;
}
