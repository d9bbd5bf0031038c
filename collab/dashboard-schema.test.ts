import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { dashboardSchema } from "./dashboard-schema.ts";
import { documentProblem } from "./document-schema.ts";

const widget = (entries: Record<string, unknown>) => {
  const doc = new Y.Doc();
  doc.getMap("meta").set("title", "Numbers");
  doc.getMap("widgets").set("w1", new Y.Map(Object.entries({ type: "kpi", ...entries })));
  return documentProblem(doc, dashboardSchema);
};

describe("a dashboard's document", () => {
  test("may hold widgets of registered types with a place, a title and settings, and keys of newer clients", () => {
    expect(
      widget({
        "rect.lg": [8, 10_000, 4, 100],
        "rect.sm": [0, 0, 4, 1],
        ord: "a0",
        title: "𝔐".repeat(200),
        "cfg.metric": "mrr",
        "cfg.filters": { plan: ["Gold", "Silver"] },
        del: { by: "someone", at: "2026-11-22T00:00:00Z" },
        "future.thing": [1, { two: null }],
      }),
    ).toBeNull();
    expect(widget({ del: null })).toBeNull();
  });

  test.each([
    ["an unknown type", { type: "__proto__" }],
    ["no number as a place", { "rect.lg": [0, 0, Number.NaN, 1] }],
    ["a place beyond the columns", { "rect.lg": [9, 0, 4, 1] }],
    ["a place beyond a phone's columns", { "rect.sm": [1, 0, 4, 1] }],
    ["a fraction", { "rect.lg": [0.5, 0, 4, 1] }],
    ["a long title", { title: "x".repeat(201) }],
    ["a title that is no text", { title: 7 }],
    ["a large setting", { "cfg.note": "x".repeat(8 * 1024) }],
    ["a large leaf of another key", { other: "é".repeat(2_100) }],
    ["bytes", { "cfg.bytes": new Uint8Array(3) }],
    ["a key that objects mean otherwise", { constructor: 1 }],
    ["the same inside a setting", { "cfg.x": JSON.parse('{"__proto__":{"polluted":1}}') as unknown }],
    ["a half deletion mark", { del: { by: "me" } }],
    ["a map inside", { "cfg.map": new Y.Map() }],
    ["text", { title: new Y.Text("x") }],
  ])("may not hold %s", (_name, entries) => {
    expect(widget(entries)).toMatch(/^widgets\.w1/);
  });

  test("has no other roots, and maps by id only", () => {
    const other = new Y.Doc();
    other.getMap("secrets").set("a", 1);
    expect(documentProblem(other, dashboardSchema)).toMatch(/no root called secrets/);
    const leaf = new Y.Doc();
    leaf.getMap("widgets").set("w1", "kpi");
    expect(documentProblem(leaf, dashboardSchema)).toMatch(/not a map/);
  });

  test("holds 200 live widgets, however many are deleted", () => {
    const doc = new Y.Doc();
    const add = (id: number, del: unknown) =>
      doc.getMap("widgets").set(`w${id}`, new Y.Map(Object.entries({ type: "kpi", del })));
    for (let i = 0; i < 200; i++) add(i, null);
    for (let i = 200; i < 230; i++) add(i, { by: "me", at: "now" });
    expect(documentProblem(doc, dashboardSchema)).toBeNull();
    add(230, null);
    expect(documentProblem(doc, dashboardSchema)).toMatch(/at most 200/);
  });
});
