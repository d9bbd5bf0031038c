import { expect, test } from "vitest";
import type { MovementsView, PlacedWidget } from "#contracts/widgets.ts";
import { lacksRates } from "./lacks-rates.ts";

const parts = { new: null, expansion: null, reactivation: null, contraction: null, churn: null, fx: null };
const movements = (reason: MovementsView["points"][number]["reason"]): PlacedWidget["state"] => ({
  kind: "ready",
  view: {
    ...{ type: "movements", grain: "month", currency: "USD" },
    points: [
      { period: "2026-01", complete: true, parts, net: null, reason: null },
      { period: "2026-02", complete: true, parts, net: null, reason },
    ],
  },
});

test("a card lacks rates where any of its numbers does, and not where another reason leaves it empty", () => {
  expect(lacksRates({ state: movements("fx_rate_missing") })).toBe(true);
  expect(lacksRates({ state: movements("no_data") })).toBe(false);
  expect(lacksRates({ state: { kind: "failed", message: "fx_rate_missing" } })).toBe(false);
});
