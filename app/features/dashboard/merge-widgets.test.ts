import { describe, expect, test } from "vitest";
import { sampleViews } from "#charts/sample-views.ts";
import { readWidgets } from "#collab/widgets/read-widget.ts";
import { settingsKey } from "#collab/widgets/settings-key.ts";
import type { PlacedWidget, WidgetView } from "#contracts/widgets.ts";
import { mergeWidgets } from "./merge-widgets.ts";

const stored = {
  a: { type: "kpi", title: "", cfg: { metric: "mrr" }, rect: { lg: [4, 0, 2, 3], sm: [0, 0, 2, 3] } },
};
const placed: PlacedWidget[] = [
  {
    ...{ id: "a", type: "kpi", title: "Given", ownTitle: "MRR", subtitle: "", policy: "" },
    scope: { asOf: null, filter: {} },
    rect: { lg: [0, 0, 2, 3], sm: [0, 0, 2, 3] },
    settings: settingsKey({ type: "kpi", cfg: { metric: "mrr" } }),
    state: { kind: "empty", message: "numbers" },
  },
];

test("places and titles are the document's at once", () => {
  const [card] = mergeWidgets(placed, readWidgets(stored));
  expect(card).toMatchObject({ title: "MRR", rect: { lg: [4, 0, 2, 3] }, isPending: false });
  expect(card?.state).toEqual({ kind: "empty", message: "numbers" });
  expect(mergeWidgets(placed, null)).toMatchObject([{ title: "Given", isPending: false }]);
});

test("numbers of other settings stay until the new ones are there; a new card waits for its first", () => {
  const live = readWidgets({
    a: { ...stored.a, cfg: { metric: "arr" } },
    b: { type: "movements", title: "New" },
  });
  const shown = mergeWidgets(placed, live);
  expect(shown).toMatchObject([
    { id: "a", isPending: true, state: { message: "numbers" } },
    { id: "b", isPending: true, title: "New" },
  ]);
});

test("a card that looks as before is the same object", () => {
  const before = mergeWidgets(placed, readWidgets(stored));
  expect(mergeWidgets(placed, readWidgets(stored), before)[0]).toBe(before[0]);
  const moved = { a: { ...stored.a, rect: { ...stored.a.rect, lg: [6, 0, 2, 3] } } };
  expect(mergeWidgets(placed, readWidgets(moved), before)[0]).not.toBe(before[0]);
});

describe("numbers first", () => {
  const rect = { lg: [0, 0, 4, 6], sm: [0, 0, 4, 6] } as const;
  const card = (id: "kpi" | "series", view: WidgetView): PlacedWidget => ({
    ...{ id, type: id, title: id, ownTitle: id, subtitle: "", policy: "", settings: id },
    scope: { asOf: null, filter: {} },
    rect: { lg: [...rect.lg], sm: [...rect.sm] },
    state: { kind: "ready", view },
  });
  const { kpi, series } = sampleViews;
  const first = mergeWidgets([card("kpi", kpi), card("series", series)], null);
  const moved = [
    card("kpi", { ...kpi, point: { ...kpi.point, value: "1" } }),
    card("series", { ...series, lines: [] }),
  ];

  test("a card that is one number changes at once, a chart stays as it was until the next time", () => {
    const [number, chart] = mergeWidgets(moved, null, first, true);
    expect(number?.state).toBe(moved[0]?.state);
    expect(chart).toBe(first[1]);
    const [, whole] = mergeWidgets(
      moved,
      null,
      [number, chart].flatMap((one) => one ?? []),
    );
    expect(whole?.state).toBe(moved[1]?.state);
  });

  test("a chart that stands elsewhere, or under another name, does not wait", () => {
    const elsewhere = moved.map((one) => ({ ...one, title: "Other" }));
    expect(mergeWidgets(elsewhere, null, first, true)[1]?.state).toBe(moved[1]?.state);
  });

  test("what is answered as before is the same object, whichever answer it came in; under other filters it is not", () => {
    const again = structuredClone([card("kpi", kpi), card("series", series)]);
    for (const [index, one] of mergeWidgets(again, null, first).entries()) expect(one).toBe(first[index]);
    const filtered = again.map((one) => ({ ...one, scope: { asOf: null, filter: { plan: ["a"] } } }));
    expect(mergeWidgets(filtered, null, first)[1]).not.toBe(first[1]);
  });
});
