import { uuidv4 } from "lib0/random";
import * as Y from "yjs";
import type { Rect, WidgetType } from "#contracts/widgets.ts";
import { rootsOf } from "./dashboard-doc.ts";
import { isDeleted, projectDashboard } from "./dashboard-projection.ts";
import { type Breakpoint, clampRect, freePlace } from "./layout.ts";
import { type LiveWidget, readWidgets } from "./widgets/read-widget.ts";
import { widgetSizes } from "./widgets/sizes.ts";

/**
 * Everything one can do to a dashboard. Each command is one transaction with ORIGIN, so that undo finds it and nothing else. Nothing
 * is ever removed: what is deleted carries a mark and keeps what others write into it meanwhile.
 */

/** The origin of this person's own edits. */
export const ORIGIN = "edit";

/** Who does it, and when: for what can be taken back by somebody else. */
export interface Actor {
  /** The id of a person: a name would outlive its account. */
  by: string;
  /** ISO instant. */
  at: string;
}

const newEntryId = (): string => uuidv4();

export const liveWidgetsOf = (doc: Y.Doc): LiveWidget[] => readWidgets(projectDashboard(doc).widgets);

const edit = (doc: Y.Doc, change: () => void): void => doc.transact(change, ORIGIN);

/** A widget that is there and not deleted. */
function findWidget(doc: Y.Doc, id: string): Y.Map<unknown> | null {
  const widget: unknown = rootsOf(doc).widgets.get(id);
  return widget instanceof Y.Map && !isDeleted(widget) ? widget : null;
}

export interface NewWidget {
  type: WidgetType;
  title?: string;
  cfg: Record<string, unknown>;
  /** Absent: the first place that is free. */
  rect?: Partial<Record<Breakpoint, Rect>>;
}

/**
 * Puts a widget on the dashboard. It comes into being as a deleted one and is restored as a second step, which alone can be undone:
 * undoing the making of a map would destroy what others wrote into it.
 * @returns its id
 */
export function addWidget(doc: Y.Doc, widget: NewWidget, actor: Actor): string {
  const id = newEntryId();
  const live = liveWidgetsOf(doc);
  const place = (breakpoint: Breakpoint): Rect =>
    clampRect(
      widget.rect?.[breakpoint] ??
        freePlace(
          live.map(({ rect }) => rect[breakpoint]),
          widgetSizes[widget.type][breakpoint],
          breakpoint,
        ),
      breakpoint,
    );
  const entries: [string, unknown][] = [
    ["type", widget.type],
    ["title", widget.title ?? ""],
    ["rect.lg", place("lg")],
    ["rect.sm", place("sm")],
    ["ord", orderAfter(doc)],
    ["del", { ...actor }],
    ...Object.entries(widget.cfg).map(([key, value]): [string, unknown] => [`cfg.${key}`, value]),
  ];
  const made = new Y.Map(entries);
  doc.transact(() => rootsOf(doc).widgets.set(id, made));
  edit(doc, () => made.set("del", null));
  return id;
}

/** A key that sorts after all others, with an end of its own so that two people's do not meet. */
function orderAfter(doc: Y.Doc): string {
  let last = "a";
  for (const widget of rootsOf(doc).widgets.values()) {
    const ord = widget instanceof Y.Map ? widget.get("ord") : null;
    if (typeof ord === "string" && ord.length <= 40 && ord > last) last = ord;
  }
  const [, head = "a", digits = ""] = /^(.*?)(\d{0,9})$/s.exec(last.split("~")[0] ?? "") ?? [];
  const next = String(Number(digits || "0") + 1).padStart(Math.max(3, digits.length), "0");
  return `${head.slice(0, 30)}${next}~${uuidv4().slice(0, 6)}`;
}

/**
 * Where cards stand after a gesture, as its author saw them: of the moved card and of those that made room. What stands as before is
 * not written.
 */
export function placeWidgets(doc: Y.Doc, places: ReadonlyMap<string, Rect>, breakpoint: Breakpoint): void {
  const key = `rect.${breakpoint}`;
  edit(doc, () => {
    for (const [id, rect] of places) {
      const widget = findWidget(doc, id);
      const next = [...clampRect(rect, breakpoint)];
      if (widget && JSON.stringify(widget.get(key)) !== JSON.stringify(next)) widget.set(key, next);
    }
  });
}

/** Sets settings of a widget; undefined takes one away. */
export function configureWidget(doc: Y.Doc, id: string, cfg: Readonly<Record<string, unknown>>): void {
  edit(doc, () => {
    const widget = findWidget(doc, id);
    if (!widget) return;
    for (const [name, value] of Object.entries(cfg)) {
      const key = `cfg.${name}`;
      if (JSON.stringify(widget.get(key)) === JSON.stringify(value)) continue;
      if (value === undefined) widget.delete(key);
      else widget.set(key, value);
    }
  });
}

const mostTitle = 200;
const cut = (title: string): string => [...title.replaceAll("\u0000", "")].slice(0, mostTitle).join("");

/** An empty title is the type's own. */
export function renameWidget(doc: Y.Doc, id: string, title: string): void {
  edit(doc, () => {
    const widget = findWidget(doc, id);
    if (widget && widget.get("title") !== cut(title)) widget.set("title", cut(title));
  });
}

export function renameDashboard(doc: Y.Doc, title: string): void {
  const { meta } = rootsOf(doc);
  if (meta.get("title") !== cut(title)) edit(doc, () => meta.set("title", cut(title)));
}

/** A copy under the original; what stands there makes room. @returns its id; null where the original is gone */
export function duplicateWidget(doc: Y.Doc, id: string, actor: Actor): string | null {
  const original = liveWidgetsOf(doc).find((widget) => widget.id === id);
  if (!original) return null;
  const { type, title, cfg, rect } = original;
  const under = ([x, y, w, h]: Rect): Rect => [x, y + h, w, h];
  return addWidget(
    doc,
    { type, title: title && cut(`${title} (copy)`), cfg, rect: { lg: under(rect.lg), sm: under(rect.sm) } },
    actor,
  );
}

/** Marks widgets as deleted: they can be restored, with what others change in them meanwhile. */
export function deleteWidgets(doc: Y.Doc, ids: readonly string[], actor: Actor): void {
  edit(doc, () => {
    for (const id of ids) findWidget(doc, id)?.set("del", { ...actor });
  });
}

export function restoreWidget(doc: Y.Doc, id: string): void {
  const widget: unknown = rootsOf(doc).widgets.get(id);
  if (widget instanceof Y.Map && isDeleted(widget)) edit(doc, () => widget.set("del", null));
}

/** What narrows every number of the dashboard: key → values. Keys that are not named are taken off. */
export function setFilters(
  doc: Y.Doc,
  wanted: Readonly<Record<string, readonly string[]>>,
  actor: Actor,
): void {
  const { filters } = rootsOf(doc);
  const known = new Map<string, Y.Map<unknown>>();
  for (const id of [...filters.keys()].sort()) {
    const entry: unknown = filters.get(id);
    if (entry instanceof Y.Map && !isDeleted(entry)) known.set(id, entry);
  }
  const missing = new Map(Object.entries(wanted).filter(([, values]) => values.length > 0));
  const made: Y.Map<unknown>[] = [];
  const kept: [Y.Map<unknown>, string[]][] = [];
  const gone: Y.Map<unknown>[] = [];
  for (const entry of known.values()) {
    const key = String(entry.get("key"));
    const values = missing.get(key);
    if (values) kept.push([entry, [...values]]);
    else gone.push(entry);
    missing.delete(key);
  }
  doc.transact(() => {
    for (const [key, values] of missing) {
      const entry = new Y.Map<unknown>([
        ["key", key],
        ["values", [...values]],
        ["del", { ...actor }],
      ]);
      filters.set(newEntryId(), entry);
      made.push(entry);
    }
  });
  edit(doc, () => {
    for (const entry of made) entry.set("del", null);
    for (const entry of gone) entry.set("del", { ...actor });
    for (const [entry, values] of kept)
      if (JSON.stringify(entry.get("values")) !== JSON.stringify(values)) entry.set("values", values);
  });
}
