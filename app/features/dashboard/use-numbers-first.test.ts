import { expect, test } from "vitest";
import type { ShownWidget } from "./merge-widgets.ts";
import { numbersOf } from "./use-numbers-first.ts";

const widget = (id: string, type: ShownWidget["type"], subtitle: string): ShownWidget => ({
  ...{ id, type, subtitle, title: id, ownTitle: id, policy: "", settings: "" },
  ...{ rect: { lg: [0, 0, 2, 2], sm: [0, 0, 2, 2] }, scope: { asOf: null, filter: {} } },
  ...{ state: { kind: "empty", message: "" }, isPending: false },
});

test("numbers are as they are now, charts and tables as they were; what is new is there, what is gone is not", () => {
  const before = [
    widget("mrr", "kpi", "old"),
    widget("bars", "movements", "old"),
    widget("gone", "composition", "old"),
  ];
  const now = [
    widget("bars", "movements", "new"),
    widget("mrr", "kpi", "new"),
    widget("added", "series", "new"),
  ];
  expect(numbersOf(now, before)).toEqual([before[1], now[1], now[2]]);
});
