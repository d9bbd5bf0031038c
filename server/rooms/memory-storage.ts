import { createHash } from "node:crypto";
import type { BatchOutcome, DocumentHead, LoadedDocument, NewUpdate, RoomStorage } from "./storage.ts";

interface Kept {
  epoch: string;
  seed: Uint8Array;
  updates: (NewUpdate & { sha: string })[];
  owners: Map<number, string | null>;
  isClosed: boolean;
}

/** The twin of Postgres, for tests: what was appended survives the rooms, and faults can be put in front. */
export interface MemoryStorage extends RoomStorage {
  create(docId: string, seed: Uint8Array, owners?: readonly number[]): void;
  readonly docs: ReadonlyMap<string, Kept>;
  /** Who may not write (any more). */
  readonly barred: Set<string>;
  /** Runs before an append or a load; what it throws is the database's error. */
  before: { append: () => Promise<void>; load: () => Promise<void> };
  readonly compactions: string[];
}

export function createMemoryStorage(): MemoryStorage {
  const docs = new Map<string, Kept>();
  const barred = new Set<string>();
  const compactions: string[] = [];
  const storage: MemoryStorage = {
    docs,
    barred,
    compactions,
    before: { append: async () => {}, load: async () => {} },
    create(docId, seed, owners = []) {
      docs.set(docId, {
        ...{ epoch: "7", seed, updates: [], isClosed: false },
        owners: new Map(owners.map((client) => [client, null])),
      });
    },
    async load(_orgId, docId): Promise<LoadedDocument | null> {
      await storage.before.load();
      const doc = docs.get(docId);
      if (!doc) return null;
      return {
        ...{ docId, kind: "dashboard", epoch: doc.epoch, isClosed: doc.isClosed },
        headSeq: doc.updates.length,
        pieces: [doc.seed, ...doc.updates.map(({ data }) => data)],
        owners: new Map(doc.owners),
      };
    },
    async append(_orgId, batches) {
      await storage.before.append();
      return new Map(
        batches.map(({ docId, epoch, updates }): [string, BatchOutcome] => {
          const doc = docs.get(docId);
          if (!doc || doc.isClosed) return [docId, { kind: "shut", why: "unknown" }];
          if (doc.epoch !== epoch) return [docId, { kind: "shut", why: "epoch" }];
          const users = updates.flatMap(({ userId }) => (userId && barred.has(userId) ? [userId] : []));
          const clients = updates.flatMap(({ claims, userId }) =>
            claims.filter((client) => doc.owners.has(client) && doc.owners.get(client) !== userId),
          );
          if (users.length > 0 || clients.length > 0) return [docId, { kind: "refused", users, clients }];
          const previousSeq = doc.updates.length;
          for (const update of updates) {
            const sha = createHash("sha256").update(update.data).digest("hex");
            for (const client of update.claims) doc.owners.set(client, update.userId);
            if (!doc.updates.some((known) => known.sha === sha)) doc.updates.push({ ...update, sha });
          }
          return [docId, { kind: "stored", previousSeq, lastSeq: doc.updates.length }];
        }),
      );
    },
    updatesAfter: async (_orgId, docId, _epoch, seq) =>
      (docs.get(docId)?.updates ?? []).slice(seq).map(({ data }, index) => ({ seq: seq + 1 + index, data })),
    heads: async (_orgId, docIds): Promise<DocumentHead[]> =>
      docIds.flatMap((docId) => {
        const doc = docs.get(docId);
        return doc ? [{ docId, epoch: doc.epoch, headSeq: doc.updates.length, isClosed: doc.isClosed }] : [];
      }),
    async compactSoon(_orgId, docId) {
      compactions.push(docId);
    },
  };
  return storage;
}
