import * as Y from "yjs";
import {
  type DecodedUpdate,
  decodeUpdate,
  encodeUpdate,
  MalformedUpdate,
  type Struct,
} from "./decoded-update.ts";
import type { DocumentSchema } from "./document-schema.ts";
import { type FoundStruct, PathFinder } from "./update-paths.ts";

/**
 * What a server finds out about an update before its document sees it: an update that was applied cannot be taken back, and
 * one with a forged client id, or a length that is a lie, silences that client for good.
 */
export type UpdateVerdict =
  /** The document has all of it. */
  | { kind: "known" }
  /** `clients`: whose structs are new; `update`: what may be applied. */
  | { kind: "new"; update: Uint8Array; clients: number[] }
  /** It builds on something that the document has not got. */
  | { kind: "gap" }
  /** No update, too much for one, against the schema: `problem` says what. */
  | { kind: "invalid"; problem: string }
  /** New structs under a client id of somebody else's. */
  | { kind: "foreign"; client: number };

export interface UpdateRules {
  schema: DocumentSchema;
  /** Whether whoever sent it may write under this client id. */
  mayWriteAs(client: number): boolean;
  /** What others' ids have that the document lacks: refused, or left out (a local copy may hold edits that were never taken). */
  foreign: "refuse" | "leave out";
}

/** Of what is new in one update. */
export const updateLimits = { structs: 5_000, length: 50_000, clients: 500 } as const;

/** Looks at an update without changing the document. */
export function checkUpdate(doc: Y.Doc, bytes: Uint8Array, rules: UpdateRules): UpdateVerdict {
  let decoded: DecodedUpdate;
  try {
    decoded = decodeUpdate(bytes);
  } catch (error) {
    if (error instanceof MalformedUpdate) return { kind: "invalid", problem: error.message };
    throw error;
  }
  const fresh = new Map<number, Struct[]>();
  const leftOut = new Set<number>();
  let hasGap = false;
  for (const [client, structs] of decoded.structs) {
    const known = Y.getState(doc.store, client);
    const added = structs.filter(({ id, length }) => id.clock + length > known);
    if (added.length === 0) continue;
    if (!rules.mayWriteAs(client)) {
      if (rules.foreign === "refuse") return { kind: "foreign", client };
      leftOut.add(client);
      continue;
    }
    hasGap ||= !follows(added, known);
    fresh.set(client, added);
  }
  const tooMuch = sizeProblem(fresh);
  if (tooMuch) return { kind: "invalid", problem: tooMuch };
  if (hasGap) return { kind: "gap" };

  const deletes = new Map<number, { clock: number; len: number }[]>();
  for (const [client, ranges] of decoded.deletes) {
    const most = endOf(doc, fresh, client);
    if (!leftOut.has(client)) {
      if (ranges.some(({ clock, len }) => clock + len > most)) return { kind: "gap" };
      deletes.set(client, ranges);
      continue;
    }
    const cut = ranges.flatMap(({ clock, len }) =>
      clock < most ? [{ clock, len: Math.min(len, most - clock) }] : [],
    );
    if (cut.length > 0) deletes.set(client, cut);
  }
  if (fresh.size === 0 && isDeleted(doc, deletes)) return { kind: "known" };

  const problem = contentProblem(doc, fresh, rules.schema);
  if (problem) return problem;
  const update = leftOut.size === 0 ? bytes : encodeUpdate({ structs: fresh, deletes });
  return { kind: "new", update, clients: [...fresh.keys()] };
}

/** Where a client's clock will stand. */
function endOf(doc: Y.Doc, fresh: ReadonlyMap<number, readonly Struct[]>, client: number): number {
  const last = fresh.get(client)?.at(-1);
  return last ? last.id.clock + last.length : Y.getState(doc.store, client);
}

/** Whether what is new joins what is known without a hole. */
function follows(structs: readonly Struct[], known: number): boolean {
  let next = known;
  for (const { id, length } of structs) {
    if (id.clock > next) return false;
    next = id.clock + length;
  }
  return true;
}

function sizeProblem(fresh: ReadonlyMap<number, readonly Struct[]>): string | null {
  if (fresh.size > updateLimits.clients) return "Too many client ids in one update.";
  let count = 0;
  let length = 0;
  for (const structs of fresh.values())
    for (const struct of structs) {
      count += 1;
      length += struct.length;
    }
  return count > updateLimits.structs || length > updateLimits.length
    ? "Too many edits in one update."
    : null;
}

function isDeleted(doc: Y.Doc, deletes: DecodedUpdate["deletes"]): boolean {
  for (const [client, ranges] of deletes) {
    const structs = doc.store.clients.get(client) ?? [];
    for (const { clock, len } of ranges) {
      if (len === 0) continue;
      for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
        const struct = structs[i];
        if (!struct || struct.id.clock >= clock + len) break;
        if (!struct.deleted) return false;
      }
    }
  }
  return true;
}

/** Every new entry stands where the schema allows it, and what it builds on is there. */
function contentProblem(
  doc: Y.Doc,
  fresh: ReadonlyMap<number, Struct[]>,
  schema: DocumentSchema,
): UpdateVerdict | null {
  const paths = new PathFinder(doc, fresh);
  for (const structs of fresh.values())
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue;
      for (const id of paths.needs(struct)) {
        if (id.client === struct.id.client && id.clock >= struct.id.clock)
          return { kind: "invalid", problem: "An edit that builds on itself." };
        if (id.clock >= endOf(doc, fresh, id.client)) return { kind: "gap" };
      }
    }
  for (const structs of fresh.values())
    for (const struct of structs) {
      const problem = struct instanceof Y.Item ? entryProblem(struct, paths.find(struct), schema) : null;
      if (problem) return { kind: "invalid", problem };
    }
  return null;
}

function entryProblem(item: Y.Item, found: FoundStruct, schema: DocumentSchema): string | null {
  if (found.kind === "wrong") return "An edit that stands nowhere in the document.";
  const { content } = item;
  if (content instanceof Y.ContentDeleted) return null;
  if (content instanceof Y.ContentType) {
    if (!(content.type instanceof Y.Map)) return "Only maps may be nested.";
    return found.kind === "gone" ? null : schema.entryProblem(found.path, { kind: "map" });
  }
  if (!(content instanceof Y.ContentAny)) return "Only JSON and maps may be stored.";
  if (found.kind === "gone") return null;
  for (const value of content.getContent() as unknown[]) {
    const problem = schema.entryProblem(found.path, { kind: "leaf", value });
    if (problem) return problem;
  }
  return null;
}
