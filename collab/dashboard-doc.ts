import * as Y from "yjs";

/**
 * A dashboard as a shared document: roots `meta` {schema, title}, `widgets` and `filters`, each a map of maps by id. The keys of a
 * widget are flat (`rect.lg`, `cfg.metric`): each one is a register of its own, of which the last write wins.
 */

export const schemaVersion = 1;

export interface DashboardRoots {
  meta: Y.Map<unknown>;
  widgets: Y.Map<Y.Map<unknown>>;
  filters: Y.Map<Y.Map<unknown>>;
}

export const rootsOf = (doc: Y.Doc): DashboardRoots => ({
  meta: doc.getMap("meta"),
  widgets: doc.getMap("widgets"),
  filters: doc.getMap("filters"),
});

/** What a dashboard is made of, before there is a document. Widgets as the projection has them: nested. */
export interface DashboardContent {
  title: string;
  widgets: Readonly<Record<string, object>>;
  filters: Readonly<Record<string, object>>;
}

/** The first update of a new document. Only the server makes one, in the transaction that makes the dashboard. */
export function seedDashboard(content: DashboardContent): Uint8Array {
  const doc = new Y.Doc();
  const { meta, widgets, filters } = rootsOf(doc);
  doc.transact(() => {
    meta.set("schema", schemaVersion);
    meta.set("title", content.title);
    for (const [id, widget] of Object.entries(content.widgets))
      widgets.set(id, new Y.Map(flatEntries(widget)));
    for (const [id, filter] of Object.entries(content.filters))
      filters.set(id, new Y.Map(flatEntries(filter)));
  });
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return update;
}

/** These hold one register per key inside; everything else is a leaf. */
const nested = ["rect", "cfg"] as const;

/** `{rect: {lg}, title}` → `[["rect.lg", …], ["title", …]]`. */
export function flatEntries(value: object): [string, unknown][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] => {
    if (inner === undefined) return [];
    if (!nested.some((name) => name === key) || typeof inner !== "object" || inner === null)
      return [[key, inner]];
    return Object.entries(inner).flatMap(([name, leaf]: [string, unknown]) =>
      leaf === undefined ? [] : [[`${key}.${name}`, leaf]],
    );
  });
}
