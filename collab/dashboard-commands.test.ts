import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import {
  addWidget,
  configureWidget,
  deleteWidgets,
  duplicateWidget,
  liveWidgetsOf,
  placeWidgets,
  renameDashboard,
  renameWidget,
  restoreWidget,
  setFilters,
} from "./dashboard-commands.ts";
import { rootsOf, seedDashboard } from "./dashboard-doc.ts";
import { readFilters } from "./dashboard-filters.ts";
import { deletedWidgets, projectDashboard } from "./dashboard-projection.ts";
import { dashboardSchema } from "./dashboard-schema.ts";
import { dashboardUndo } from "./dashboard-undo.ts";
import { documentProblem } from "./document-schema.ts";
import { defaultDashboard } from "./widgets/default-dashboard.ts";
import { readWidgets } from "./widgets/read-widget.ts";

const actor = { by: "ada", at: "2026-11-22T10:00:00.000Z" };

/** A person with a copy of one and the same dashboard. */
function person(seed = seedDashboard({ title: "Board", widgets: {}, filters: {} })) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, seed);
  return doc;
}

function sync(...docs: Y.Doc[]) {
  for (const from of docs)
    for (const to of docs)
      if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), "network");
}

const pair = () => {
  const seed = seedDashboard({ title: "Board", widgets: {}, filters: {} });
  return [person(seed), person(seed)] as const;
};
const kpi = { type: "kpi" as const, cfg: { metric: "mrr" } };
const widgetOf = (doc: Y.Doc, id: string) => projectDashboard(doc).widgets[id];

describe("a dashboard document", () => {
  test("is projected as it was seeded, with dotted keys nested", () => {
    const draft = defaultDashboard();
    const doc = person(seedDashboard(draft));
    const { cfg: _none, ...movements } = draft.widgets.movements ?? {};
    expect(projectDashboard(doc)).toEqual({ ...draft, widgets: { ...draft.widgets, movements } });
    expect(documentProblem(doc, dashboardSchema)).toBeNull();
    expect(rootsOf(doc).widgets.get("arr")?.get("cfg.metric")).toBe("arr");
    expect(rootsOf(doc).widgets.get("arr")?.get("rect.lg")).toEqual([0, 0, 2, 3]);
  });

  test("keeps what a newer client wrote, and is read whatever it holds", () => {
    const doc = person();
    const { widgets } = rootsOf(doc);
    widgets.set(
      "odd",
      new Y.Map<unknown>([
        ["type", "__proto__"],
        ["rect.lg", [Number.NaN, 0, 1, 1]],
      ]),
    );
    widgets.set(
      "new",
      new Y.Map<unknown>([
        ["type", "kpi"],
        ["glow", 3],
        ["cfg.metric", "mrr"],
      ]),
    );
    widgets.set(
      "__proto__",
      new Y.Map<unknown>([
        ["type", "kpi"],
        ["__proto__.x", 1],
      ]),
    );
    doc.getMap("widgets").set("text", "no map");
    const { widgets: read } = projectDashboard(doc);
    expect(Object.keys(read).sort()).toEqual(["__proto__", "new", "odd"]);
    expect(read.new).toEqual({ type: "kpi", glow: 3, cfg: { metric: "mrr" } });
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    // without a place they go under each other, and what is no widget is left out
    expect(readWidgets(read).map(({ id, rect }) => [id, rect.lg])).toEqual([
      ["__proto__", [0, 0, 2, 3]],
      ["new", [0, 3, 2, 3]],
    ]);
  });
});

describe("commands", () => {
  test("add, move, configure, rename, duplicate, delete and restore", () => {
    const doc = person();
    const id = addWidget(doc, kpi, actor);
    expect(widgetOf(doc, id)).toMatchObject({ type: "kpi", title: "", cfg: { metric: "mrr" }, del: null });
    placeWidgets(doc, new Map([[id, [4, 0, 3, 40.4]]]), "lg");
    configureWidget(doc, id, { metric: "arr", grain: "week" });
    configureWidget(doc, id, { grain: undefined });
    renameWidget(doc, id, "Revenue");
    renameDashboard(doc, "x".repeat(300));
    const copy = duplicateWidget(doc, id, actor) ?? "";
    expect(widgetOf(doc, id)).toMatchObject({
      rect: { lg: [4, 0, 3, 40] },
      cfg: { metric: "arr" },
      title: "Revenue",
    });
    expect(widgetOf(doc, copy)).toMatchObject({ title: "Revenue (copy)", cfg: { metric: "arr" } });
    expect(String(widgetOf(doc, copy)?.ord) > String(widgetOf(doc, id)?.ord)).toBe(true);
    expect(projectDashboard(doc).title).toHaveLength(200);
    deleteWidgets(doc, [id], actor);
    renameWidget(doc, id, "too late");
    expect(Object.keys(projectDashboard(doc).widgets)).toEqual([copy]);
    expect(deletedWidgets(doc)[id]).toMatchObject({ title: "Revenue", del: actor });
    restoreWidget(doc, id);
    expect(widgetOf(doc, id)).toMatchObject({ title: "Revenue", del: null });
    expect(duplicateWidget(doc, "nobody", actor)).toBeNull();
    expect(documentProblem(doc, dashboardSchema)).toBeNull();
  });

  test("what stands as before is not written", () => {
    const doc = person();
    const id = addWidget(doc, kpi, actor);
    let updates = 0;
    doc.on("update", () => updates++);
    placeWidgets(doc, new Map(liveWidgetsOf(doc).map((widget) => [widget.id, widget.rect.lg])), "lg");
    configureWidget(doc, id, { metric: "mrr" });
    renameWidget(doc, id, "");
    expect(updates).toBe(0);
  });

  test("filters are set, changed and taken off", () => {
    const doc = person();
    setFilters(doc, { plan: ["Scale"], country: ["DE"] }, actor);
    setFilters(doc, { plan: ["Scale", "Growth"], source: [] }, actor);
    expect(readFilters(projectDashboard(doc).filters)).toEqual({ plan: ["Scale", "Growth"] });
    expect(documentProblem(doc, dashboardSchema)).toBeNull();
  });
});

describe("two people", () => {
  test("a move against a move: one of them wins entirely", () => {
    const [a, b] = pair();
    const id = addWidget(a, kpi, actor);
    sync(a, b);
    placeWidgets(a, new Map([[id, [9, 0, 3, 3]]]), "lg");
    placeWidgets(b, new Map([[id, [0, 5, 8, 6]]]), "lg");
    sync(a, b);
    expect(projectDashboard(a)).toEqual(projectDashboard(b));
    expect([
      [9, 0, 3, 3],
      [0, 5, 8, 6],
    ]).toContainEqual(rootsOf(a).widgets.get(id)?.get("rect.lg"));
  });

  test("delete, undo, edit: the widget is back with the title that the other gave it meanwhile", () => {
    const [a, b] = pair();
    const id = addWidget(a, kpi, actor);
    sync(a, b);
    const undo = dashboardUndo(a);
    deleteWidgets(a, [id], actor);
    renameWidget(b, id, "Edited meanwhile");
    sync(a, b);
    expect(projectDashboard(a).widgets).toEqual({});
    undo.undo();
    sync(a, b);
    for (const doc of [a, b])
      expect(widgetOf(doc, id)).toMatchObject({ title: "Edited meanwhile", del: null });
  });

  test("undoing an addition only marks it as deleted, and redo brings back what the other changed in it", () => {
    const [a, b] = pair();
    const undo = dashboardUndo(a);
    const id = addWidget(a, kpi, actor);
    sync(a, b);
    renameWidget(b, id, "By the other");
    sync(a, b);
    undo.undo();
    sync(a, b);
    for (const doc of [a, b]) {
      expect(projectDashboard(doc).widgets).toEqual({});
      expect(deletedWidgets(doc)[id]).toMatchObject({ title: "By the other" });
    }
    undo.redo();
    sync(a, b);
    for (const doc of [a, b]) expect(widgetOf(doc, id)).toMatchObject({ title: "By the other", del: null });
  });

  test("undo and redo after the other deleted the widget: nothing throws, and it stays deleted", () => {
    const [a, b] = pair();
    const id = addWidget(a, kpi, actor);
    sync(a, b);
    const undo = dashboardUndo(a);
    placeWidgets(a, new Map([[id, [6, 2, 2, 3]]]), "lg");
    sync(a, b);
    deleteWidgets(b, [id], { ...actor, by: "bob" });
    sync(a, b);
    undo.undo();
    undo.redo();
    sync(a, b);
    for (const doc of [a, b]) {
      expect(projectDashboard(doc).widgets).toEqual({});
      expect(deletedWidgets(doc)[id]).toMatchObject({ del: { by: "bob" } });
    }
  });

  test("undo never takes back what the other did", () => {
    const [a, b] = pair();
    const id = addWidget(a, kpi, actor);
    sync(a, b);
    const undo = dashboardUndo(a);
    renameWidget(a, id, "Mine");
    sync(a, b);
    renameWidget(b, id, "Theirs");
    sync(a, b);
    undo.undo();
    sync(a, b);
    expect(widgetOf(a, id)?.title).toBe("Theirs");
    expect(widgetOf(b, id)?.title).toBe("Theirs");
  });

  test("48 hours offline: both sides' edits are there, what was deleted stays deleted", () => {
    const [a, b] = pair();
    const [kept, gone] = [addWidget(a, kpi, actor), addWidget(a, kpi, actor)];
    sync(a, b);
    const added = addWidget(b, { type: "movements", cfg: {} }, actor);
    configureWidget(b, gone, { metric: "arr" });
    renameWidget(b, kept, "Offline");
    deleteWidgets(a, [gone], actor);
    configureWidget(a, kept, { metric: "nrr" });
    sync(a, b);
    expect(projectDashboard(a)).toEqual(projectDashboard(b));
    expect(Object.keys(projectDashboard(a).widgets).sort()).toEqual([added, kept].sort());
    expect(widgetOf(a, kept)).toMatchObject({ title: "Offline", cfg: { metric: "nrr" } });
    expect(deletedWidgets(a)[gone]).toMatchObject({ cfg: { metric: "arr" } });
  });
});
