import { expect, test } from "vitest";
import { widgetTypes } from "#contracts/widgets.ts";
import { defaultDashboard } from "./default-dashboard.ts";
import { noNumbersYet, placeWithoutNumbers } from "./place-empty.ts";
import type { PageScope } from "./scope.ts";
import { autumn } from "./testing-scope.ts";

const scope: PageScope = { ...autumn, compare: ["s1"] };
const facts = { currency: "EUR", timezone: "Europe/Berlin" };

test("before there is data every card stands where it will, is called what it will be, and says when its numbers come", async () => {
  const placed = await placeWithoutNumbers(defaultDashboard().widgets, scope, facts);
  expect(placed.length).toBeGreaterThan(5);
  for (const { state } of placed) expect(state).toEqual({ kind: "empty", message: noNumbersYet });
  expect(placed.map(({ title }) => title)).toContain("ARR");
  expect(new Set(placed.map(({ title }) => title)).size).toBe(placed.length);
});

test("a widget of any type can be put there", async () => {
  const stored = Object.fromEntries(
    widgetTypes.map((type, index) => [
      `w${index}`,
      {
        ...{ type, title: "", ord: `a${index}`, rect: { lg: [0, 0, 6, 6], sm: [0, 0, 4, 6] } },
        cfg: type === "kpi" ? { metric: "mrr" } : {},
      },
    ]),
  );
  const placed = await placeWithoutNumbers(stored, scope, facts);
  expect(placed.map(({ type }) => type).sort()).toEqual([...widgetTypes].sort());
});
