import * as Y from "yjs";
import { z } from "zod";
import { text } from "#contracts/lists.ts";
import { widgetTypes } from "#contracts/widgets.ts";
import type { DocumentSchema, EntryContent, EntryPath } from "./document-schema.ts";
import { isReservedKey, leafProblem } from "./json-leaf.ts";

/**
 * What a dashboard's document may hold: `meta` {schema, title, …}, `widgets` and `filters`, maps of flat maps by id. Keys may be
 * missing (whoever reads has defaults); keys that we do not know are kept, a newer client may have written them.
 */

export const dashboardLimits = {
  widgets: 200,
  filters: 50,
  /** Bytes of one value: a widget's setting, anything else. */
  settingBytes: 8 * 1024,
  leafBytes: 4 * 1024,
  keyLength: 100,
  idLength: 64,
} as const;

const whole = (min: number, max: number) => z.number().int().min(min).max(max);
const rect = (columns: number) =>
  z
    .tuple([whole(0, columns - 1), whole(0, 10_000), whole(1, columns), whole(1, 100)])
    .refine(([x, , w]) => x + w <= columns, `must end within ${columns} columns`);
const order = z.string().max(64);
const deletion = z.strictObject({ by: z.string().max(200), at: z.string().max(64) }).nullable();

const metaKeys: Record<string, z.ZodType> = { schema: whole(1, 1_000_000), title: text(200) };
const widgetKeys: Record<string, z.ZodType> = {
  type: z.enum(widgetTypes),
  "rect.lg": rect(12),
  "rect.sm": rect(4),
  ord: order,
  title: text(200),
  del: deletion,
};
const filterKeys: Record<string, z.ZodType> = { ord: order, del: deletion };

export const dashboardSchema: DocumentSchema = {
  roots: ["meta", "widgets", "filters"],
  entryProblem(path, content) {
    const problem = problemAt(path, content);
    return problem === null ? null : `${path.join(".").slice(0, 200)} ${problem}`;
  },
  capProblem(doc) {
    if (liveEntries(doc, "widgets") > dashboardLimits.widgets)
      return `A dashboard holds at most ${dashboardLimits.widgets} widgets.`;
    if (liveEntries(doc, "filters") > dashboardLimits.filters)
      return `A dashboard holds at most ${dashboardLimits.filters} filters.`;
    return null;
  },
};

function problemAt(path: EntryPath, content: EntryContent): string | null {
  const [root, id, key] = path;
  const names = key === undefined ? [id] : [id, key];
  for (const name of names) {
    const problem = nameProblem(name, name === key || root === "meta" ? "key" : "id");
    if (problem) return problem;
  }
  if (root === "meta") return key === undefined ? valueProblem(metaKeys, id, content) : "is too deep";
  if (root !== "widgets" && root !== "filters") return "is nowhere in a dashboard";
  if (key === undefined) return content.kind === "map" ? null : "is not a map";
  return valueProblem(root === "widgets" ? widgetKeys : filterKeys, key, content);
}

function nameProblem(name: string, kind: "id" | "key"): string | null {
  const most = kind === "id" ? dashboardLimits.idLength : dashboardLimits.keyLength;
  if (name.length === 0 || name.length > most) return `has a name that is not 1 to ${most} characters long`;
  return isReservedKey(name) || hasControls.test(name) ? "has a name that is not allowed" : null;
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasControls = /[\u0000-\u001f\u007f]/;

function valueProblem(known: Record<string, z.ZodType>, key: string, content: EntryContent): string | null {
  if (content.kind === "map") return "must not be a map";
  const leaf = leafProblem(
    content.value,
    key.startsWith("cfg.") ? dashboardLimits.settingBytes : dashboardLimits.leafBytes,
  );
  if (leaf) return leaf;
  const schema = Object.hasOwn(known, key) ? known[key] : undefined;
  const parsed = schema?.safeParse(content.value);
  return !parsed || parsed.success ? null : (parsed.error.issues[0]?.message ?? "cannot be used");
}

/** An upper bound where there are few: this is asked for after every edit. */
function liveEntries(doc: Y.Doc, root: string): number {
  const map = doc.getMap(root);
  // with all that ever were, the deleted too
  const ever = map._map.size;
  if (ever <= Math.min(dashboardLimits.widgets, dashboardLimits.filters)) return ever;
  let live = 0;
  for (const entry of map.values())
    if (entry instanceof Y.Map && (entry.get("del") ?? null) === null) live += 1;
  return live;
}
