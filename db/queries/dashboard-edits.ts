import { renameDashboard as rename } from "#collab/dashboard-commands.ts";
import type { OrgTx } from "../database.ts";
import { editDoc } from "./collab-edit.ts";
import { recordEvent } from "./events.ts";

/** A new title, written into the document as anybody's edit is. @throws AppError NOT_FOUND */
export async function renameDashboard(tx: OrgTx, id: string, title: string): Promise<void> {
  await editDoc(tx, id, (doc) => rename(doc, title));
  await recordEvent(tx, { topic: "dashboards", keys: { id } });
}
