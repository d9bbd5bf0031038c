import * as Y from "yjs";
import { type CloseCode, closeCodes } from "#collab/close-codes.ts";
import { dashboardSchema } from "#collab/dashboard-schema.ts";
import type { DocumentSchema } from "#collab/document-schema.ts";
import { hasPending, openDocument } from "#collab/state.ts";
import { checkUpdate } from "#collab/update-check.ts";
import type { DocumentKind, LoadedDocument } from "./storage.ts";

const schemas = {
  dashboard: dashboardSchema,
} satisfies Record<DocumentKind, DocumentSchema>;

export type Taken =
  /** It says nothing that is not there already. */
  | { kind: "known" }
  /** The document has it now; `data` is exactly what is new, `claims` the client ids that were nobody's. */
  | { kind: "taken"; data: Uint8Array; claims: number[] }
  | { kind: "gap" }
  /** `isDamaged`: the document had a part of it before it was found out; it must be made afresh. */
  | { kind: "refused"; code: CloseCode; words: string; isDamaged: boolean };

/** A document in memory, with all that was taken, stored or not yet. */
export interface RoomDocument {
  /** @param foreign what to do with new edits under others' client ids */
  take(update: Uint8Array, userId: string | null, foreign: "refuse" | "leave out"): Taken;
  /** Whether it says something new, without taking it. */
  saysNothing(update: Uint8Array): boolean;
  /** Takes in what is stored, and was checked by whoever stored it. @throws Error when it does not fit */
  absorb(update: Uint8Array): void;
  /** Whether a client id is this user's, or nobody's. */
  mayUse(client: number, userId: string): boolean;
  stateVector(): Uint8Array;
  /** What somebody with this state vector lacks. @throws Error when the vector is none */
  diff(stateVector: Uint8Array): Uint8Array;
  destroy(): void;
}

/** @throws Error when what is stored cannot be read */
export function createRoomDocument(loaded: LoadedDocument, mostBytes: number): RoomDocument {
  const doc = openDocument(loaded.pieces);
  const schema = schemas[loaded.kind];
  const { owners } = loaded;
  // an upper bound: what was overwritten since counts until somebody comes near the limit
  let size = loaded.pieces.reduce((sum, piece) => sum + piece.length, 0);
  /** What a newcomer gets; many come at once after a restart. */
  let whole: Uint8Array | null = null;
  let added: Uint8Array | null = null;
  doc.on("update", (update: Uint8Array) => {
    added = update;
    whole = null;
  });

  const mayUse = (client: number, userId: string | null): boolean => {
    const owner = owners.get(client);
    return owner === undefined || (owner !== null && owner === userId);
  };
  const everything = (): Uint8Array => {
    whole ??= Y.encodeStateAsUpdate(doc);
    return whole;
  };
  const refuse = (code: CloseCode, words: string, isDamaged = false): Taken => ({
    ...{ kind: "refused", code, words, isDamaged },
  });

  function hasRoomFor(bytes: number): boolean {
    if (size + bytes > mostBytes) size = everything().length;
    return size + bytes <= mostBytes;
  }

  return {
    mayUse,
    take(update, userId, foreign) {
      const verdict = checkUpdate(doc, update, {
        ...{ schema, foreign },
        mayWriteAs: (client) => (userId === null ? owners.get(client) == null : mayUse(client, userId)),
      });
      switch (verdict.kind) {
        case "known":
        case "gap":
          return verdict;
        case "invalid":
          return refuse(closeCodes.invalid, verdict.problem);
        case "foreign":
          return refuse(closeCodes.invalid, "Edits under somebody else's client id.");
      }
      if (!hasRoomFor(verdict.update.length))
        return refuse(closeCodes.tooMuch, `This document is full: it may hold ${mostBytes} bytes.`);
      added = null;
      try {
        Y.applyUpdate(doc, verdict.update);
      } catch {
        return refuse(closeCodes.invalid, "This update cannot be applied.", true);
      }
      if (hasPending(doc)) return refuse(closeCodes.invalid, "This update lacks a part.", true);
      const data: Uint8Array | null = added;
      if (!data) return { kind: "known" };
      const full = schema.capProblem(doc);
      if (full) return refuse(closeCodes.tooMuch, full, true);
      size += (data as Uint8Array).length;
      const claims = verdict.clients.filter((client) => !owners.has(client));
      for (const client of claims) owners.set(client, userId);
      return { kind: "taken", data, claims };
    },
    saysNothing: (update) =>
      checkUpdate(doc, update, { schema, foreign: "refuse", mayWriteAs: () => false }).kind === "known",
    absorb(update) {
      Y.applyUpdate(doc, update);
      size += update.length;
      if (hasPending(doc)) throw new Error("A stored update lacks something.");
    },
    stateVector: () => Y.encodeStateVector(doc),
    diff(stateVector) {
      const has = Y.decodeStateVector(stateVector);
      return has.size === 0 ? everything() : Y.encodeStateAsUpdate(doc, stateVector);
    },
    destroy: () => doc.destroy(),
  };
}
