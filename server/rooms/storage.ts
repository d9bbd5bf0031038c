import type { DocumentKind, StoredDocument, StoredUpdate } from "#db/queries/collab.ts";

/** An edit that a room took and that is not stored yet. */
export interface NewUpdate {
  data: Uint8Array;
  /** Null: the server itself. */
  userId: string | null;
  /** Client ids that it uses for the first time: they become this user's. */
  claims: readonly number[];
}

/** What one document has to store, in order. */
export interface Batch {
  docId: string;
  epoch: string;
  updates: readonly NewUpdate[];
}

export type BatchOutcome =
  /** They stand in the log, the last one at `lastSeq`. `isDense`: they follow `previousSeq` without anybody else's between them. */
  | { kind: "stored"; previousSeq: number; lastSeq: number }
  /** Nothing of it was stored: the document is closed or gone, or has begun another history. */
  | { kind: "shut"; why: "unknown" | "epoch" }
  /** Nothing of it was stored: these people may not write, or another user has one of these client ids. */
  | { kind: "refused"; users: readonly string[]; clients: readonly number[] };

/** A document with who owns which client ids in it; null: the server. */
export interface LoadedDocument extends StoredDocument {
  owners: Map<number, string | null>;
}

export interface DocumentHead {
  docId: string;
  epoch: string;
  headSeq: number;
  isClosed: boolean;
}

/** Where documents are kept: `postgres-storage.ts`, and in memory for tests. */
export interface RoomStorage {
  load(orgId: string, docId: string): Promise<LoadedDocument | null>;
  /**
   * Stores the batches of several documents of one organisation, all that can be, in one commit: when it resolves they are durable.
   * The same bytes again are stored once, so that it may be tried again when nobody knows whether it committed.
   */
  append(orgId: string, batches: readonly Batch[]): Promise<Map<string, BatchOutcome>>;
  updatesAfter(orgId: string, docId: string, epoch: string, seq: number): Promise<StoredUpdate[]>;
  /** Documents that are gone are left out. */
  heads(orgId: string, docIds: readonly string[]): Promise<DocumentHead[]>;
  /** Asks for the log to be made into a snapshot, some time. */
  compactSoon(orgId: string, docId: string): Promise<void>;
}

export type { DocumentKind };
