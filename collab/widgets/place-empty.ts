import type { PlacedWidget } from "#contracts/widgets.ts";
import { type Asker, placeWidgets } from "./place.ts";
import type { PageScope } from "./scope.ts";

/** As short as the smallest card; over the cards stands how they get their numbers. */
export const noNumbersYet = "No numbers yet";

/** The widgets of a dashboard before there is any data: called and placed as they will be. Nothing is asked. */
export async function placeWithoutNumbers(
  stored: Record<string, unknown>,
  scope: PageScope,
  facts: { currency: string; timezone: string },
): Promise<PlacedWidget[]> {
  const placed = await placeWidgets(stored, scope, askNobody(scope, facts));
  return placed.map((widget) => ({
    ...widget,
    // in what a number is counted has no place in a small card without one
    subtitle: widget.type === "kpi" ? "" : widget.subtitle,
    state: { kind: "empty", message: noNumbersYet },
  }));
}

function askNobody(
  { today }: PageScope,
  { currency, timezone }: { currency: string; timezone: string },
): Asker {
  const common = { currency, as_of: today, policy: { preset: "jarvis" as const, version: 1 }, version: 0 };
  return {
    ask: {
      metrics: async () => ({ ...common, timezone, metrics: {} }),
      composition: async ({ by }) => ({ ...common, by, at: today, total: null, reason: null, parts: [] }),
      customers: async () => ({ ...common, items: [], total: 0 }),
      cohorts: async ({ grain, basis, measure }) => ({
        ...common,
        ...{ grain, measure, basis: basis ?? "first_payment", cohorts: [], average: [] },
      }),
    },
    explain: () => ({ message: noNumbersYet, missing: true }),
  };
}
