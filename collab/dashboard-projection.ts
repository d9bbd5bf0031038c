import * as Y from "yjs";
import { rootsOf } from "./dashboard-doc.ts";

/** A dashboard as REST and pages have it: what is deleted left out, dotted keys nested. */
export interface DashboardProjection {
  title: string;
  widgets: Record<string, Record<string, unknown>>;
  filters: Record<string, Record<string, unknown>>;
}

/** Reads whatever the document holds: what is no map, or has no text as its title, is left out. */
export function projectDashboard(doc: Y.Doc): DashboardProjection {
  const { meta, widgets, filters } = rootsOf(doc);
  const title = meta.get("title");
  return {
    title: typeof title === "string" ? clip(title) : "",
    widgets: liveEntries(widgets),
    filters: liveEntries(filters),
  };
}

const clip = (title: string): string => [...title.replaceAll("\u0000", "")].slice(0, 200).join("");

/** The same of what was deleted: what can be brought back. */
export const deletedWidgets = (doc: Y.Doc): DashboardProjection["widgets"] =>
  entriesWhere(rootsOf(doc).widgets, isDeleted);

export const isDeleted = (entry: Y.Map<unknown>): boolean => {
  const mark = entry.get("del");
  return mark !== null && mark !== undefined;
};

const liveEntries = (root: Y.Map<Y.Map<unknown>>) => entriesWhere(root, (entry) => !isDeleted(entry));

function entriesWhere(
  root: Y.Map<Y.Map<unknown>>,
  wanted: (entry: Y.Map<unknown>) => boolean,
): Record<string, Record<string, unknown>> {
  const ids = [...root.keys()].sort();
  return withoutPrototype(
    ids.flatMap((id) => {
      const entry: unknown = root.get(id);
      return entry instanceof Y.Map && wanted(entry) ? [[id, nest(entry)] as const] : [];
    }),
  );
}

/** `rect.lg` → `rect: {lg}`; only the first dot divides. A plain key gives way to dotted ones of the same name. */
function nest(entry: Y.Map<unknown>): Record<string, unknown> {
  const keys = [...entry.keys()].sort();
  const groups = new Map<string, [string, unknown][]>();
  const plain: [string, unknown][] = [];
  for (const key of keys) {
    const dot = key.indexOf(".");
    const value = leaf(entry.get(key));
    if (dot <= 0) plain.push([key, value]);
    else
      groups.set(key.slice(0, dot), [...(groups.get(key.slice(0, dot)) ?? []), [key.slice(dot + 1), value]]);
  }
  return withoutPrototype([
    ...plain,
    ...[...groups].map(([name, inner]) => [name, withoutPrototype(inner)] as const),
  ]);
}

const leaf = (value: unknown): unknown => (value instanceof Y.AbstractType ? value.toJSON() : value);

/** Own keys even where somebody called one `__proto__`. */
function withoutPrototype<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  const made: Record<string, Value> = {};
  for (const [key, value] of entries)
    Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true });
  return made;
}
