import { expect, test } from "vitest";
import { readWidgets } from "#collab/widgets/read-widget.ts";
import { settingsKey } from "#collab/widgets/settings-key.ts";
import type { PlacedWidget } from "#contracts/widgets.ts";
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
