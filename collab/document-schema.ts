import * as Y from "yjs";

/** What stands under a key of a shared document: a map of its own, or a value. */
export type EntryContent = { kind: "map" } | { kind: "leaf"; value: unknown };

/** Where an entry stands: `[root, key]`, or `[root, id, key]` inside a map of a root. */
export type EntryPath =
  | readonly [root: string, key: string]
  | readonly [root: string, id: string, key: string];

/** What a kind of document may hold. Only structure: what two valid edits can make together must be valid too. */
export interface DocumentSchema {
  /** The names of its maps, and all of them. */
  readonly roots: readonly string[];
  /** @returns null, or what is wrong with one entry */
  entryProblem(path: EntryPath, content: EntryContent): string | null;
  /** @returns null, or which count is over its limit; looked at after every change */
  capProblem(doc: Y.Doc): string | null;
}

/** A problem of a whole document: of a seed, of what a backup or a log gave back. Null where there is none. */
export function documentProblem(doc: Y.Doc, schema: DocumentSchema): string | null {
  for (const [root, type] of doc.share) {
    if (!schema.roots.includes(root)) return `There is no root called ${root}.`;
    const problem = mapProblem(doc, schema, [root], type as unknown as Y.AbstractType<unknown>);
    if (problem) return problem;
  }
  return schema.capProblem(doc);
}

function mapProblem(
  doc: Y.Doc,
  schema: DocumentSchema,
  path: [root: string] | [root: string, id: string],
  type: Y.AbstractType<unknown>,
): string | null {
  const [root, id] = path;
  // a root that nobody has asked for yet has no kind
  const map = id === undefined ? doc.getMap(root) : type;
  if (!(map instanceof Y.Map)) return `${path.join(".")} is not a map.`;
  for (const [key, value] of map.entries() as Iterable<[string, unknown]>) {
    const at: EntryPath = id === undefined ? [root, key] : [root, id, key];
    const isType = value instanceof Y.AbstractType;
    if (isType && !(value instanceof Y.Map)) return `${at.join(".")} is not a map.`;
    const problem = schema.entryProblem(at, isType ? { kind: "map" } : { kind: "leaf", value });
    if (problem) return problem;
    if (isType && id === undefined) {
      const inner = mapProblem(doc, schema, [root, key], value as Y.AbstractType<unknown>);
      if (inner) return inner;
    }
  }
  return null;
}
