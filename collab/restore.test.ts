import { expect, test } from "vitest";
import * as Y from "yjs";
import { restoreContent } from "./restore.ts";
import { openDocument } from "./state.ts";

const mark = { by: "ann", at: "2026-11-22T00:00:00Z" };

test("a document comes back as it was, by an update that others can take in", () => {
  const doc = new Y.Doc();
  const widgets = doc.getMap<Y.Map<unknown>>("widgets");
  doc.getMap("meta").set("title", "Before");
  widgets.set("kept", new Y.Map(Object.entries({ type: "kpi", title: "a", "rect.lg": [0, 0, 4, 3] })));
  widgets.set("removed", new Y.Map(Object.entries({ type: "kpi", title: "gone" })));
  const then = openDocument([Y.encodeStateAsUpdate(doc)]);

  doc.getMap("meta").set("title", "After");
  widgets.get("kept")?.set("title", "b");
  widgets.get("kept")?.set("cfg.new", 1);
  widgets.delete("removed");
  widgets.set("added", new Y.Map(Object.entries({ type: "series" })));
  const peer = openDocument([Y.encodeStateAsUpdate(doc)]);

  const update = restoreContent(doc, then, mark);
  Y.applyUpdate(peer, update!);
  for (const one of [doc, peer]) {
    expect(one.getMap("meta").toJSON()).toEqual(then.getMap("meta").toJSON());
    const { added, ...others } = one.getMap("widgets").toJSON();
    expect(others).toEqual(then.getMap("widgets").toJSON());
    expect(added).toEqual({ type: "series", del: mark });
  }
  expect(restoreContent(doc, then, mark)).toBeNull();
});
