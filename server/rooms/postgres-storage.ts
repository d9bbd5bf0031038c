import type { Database } from "#db/database.ts";
import { findDoc, listUpdates } from "#db/queries/collab.ts";
import { appendInOneTrip, enqueueCompaction } from "#db/queries/collab-append.ts";
import { listClientOwners, listDocHeads } from "#db/queries/collab-heads.ts";
import type { RoomStorage } from "./storage.ts";

/** Rooms on Postgres. @param nodeId says in the log which process wrote */
export const createPostgresStorage = (db: Database, nodeId: string): RoomStorage => ({
  load: (orgId, docId) =>
    db.withOrg(
      orgId,
      async (tx) => {
        const stored = await findDoc(tx, docId);
        return stored && { ...stored, owners: await listClientOwners(tx, docId, stored.epoch) };
      },
      { readOnly: true },
    ),
  append: (orgId, batches) => appendInOneTrip(db, orgId, nodeId, batches),
  updatesAfter: (orgId, docId, epoch, seq) => db.withOrg(orgId, (tx) => listUpdates(tx, docId, epoch, seq)),
  heads: (orgId, docIds) => db.withOrg(orgId, (tx) => listDocHeads(tx, docIds)),
  compactSoon: (orgId, docId) => db.withOrg(orgId, (tx) => enqueueCompaction(tx, docId)),
});
