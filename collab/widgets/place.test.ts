import { describe, expect, test, vi } from "vitest";
import type { CustomerItem, MetricName, MetricPoint } from "#contracts/analytics.ts";
import { metricDefinitions } from "#metrics/definitions.ts";
import { listPeriods } from "#metrics/period.ts";
import { defaultDashboard } from "./default-dashboard.ts";
import { type Asker, placeWidgets } from "./place.ts";
import type { QueryOf } from "./queries.ts";
import type { PageScope } from "./scope.ts";
import { autumn } from "./testing-scope.ts";

const scope: PageScope = { ...autumn, fromDay: "2025-11-01", filter: { country: ["US"] } };
const facts = { currency: "USD", policy: { preset: "jarvis", version: 1 }, as_of: "2026-11-22" };

/** MRR rises by 10 a month from 100; everything else is 7, losses 2; the last month runs. */
function series(name: MetricName, { from, to }: QueryOf<"metrics">): MetricPoint[] {
  return listPeriods(`${from}-01`, `${to}-01`, "month").map((period, index) => ({
    period,
    complete: period < "2026-11",
    reason: null,
    value:
      name === "mrr"
        ? String(100 + 10 * index)
        : metricDefinitions[name].unit === "money"
          ? "7"
          : 0.1 + (period >= "2026-10" ? 0.02 : 0),
  }));
}

const customer = (mrr: string): CustomerItem => ({
  customer_id: `of ${mrr}`,
  name: null,
  email: null,
  country: null,
  mrr,
  signed_up: null,
  first_paid: null,
  attributes: {},
  share: null,
  cumulative_share: null,
  change_90d: null,
  tenure_months: null,
});

function asker(over: Partial<Asker["ask"]> = {}): Asker {
  return {
    ask: {
      metrics: vi.fn(async (query: QueryOf<"metrics">) => ({
        ...facts,
        timezone: "UTC",
        version: 1,
        metrics: Object.fromEntries(query.names.map((name) => [name, series(name, query)])),
      })),
      composition: vi.fn(async ({ by }: QueryOf<"composition">) => ({
        ...facts,
        by,
        at: "2026-11-22",
        total: "166.666666666667",
        reason: null,
        parts: [{ key: "Gold", mrr: "166.666666666667", share: 1, customers: 1 }],
      })),
      customers: vi.fn(async () => ({ ...facts, total: 2, items: [customer("50"), customer("0")] })),
      cohorts: vi.fn(async ({ grain, measure }: QueryOf<"cohorts">) => ({
        ...facts,
        grain,
        basis: "first_payment" as const,
        measure,
        version: 1,
        cohorts: [],
        average: [],
      })),
      ...over,
    },
    explain: (error) => ({
      message: error instanceof Error ? error.message : "?",
      missing: error instanceof Error && error.message.includes("deleted"),
    }),
  };
}

const placed = async (
  given: Asker,
  id: string,
  stored: Record<string, unknown> = defaultDashboard().widgets,
) => {
  const widget = (await placeWidgets(stored, scope, given)).find((one) => one.id === id);
  if (!widget) throw new Error(`no widget ${id}`);
  return widget;
};
const readyView = async (id: string, given = asker(), stored?: Record<string, unknown>) => {
  const { state } = await placed(given, id, stored);
  if (state.kind !== "ready") throw new Error(`${id} is ${state.kind}`);
  return state.view;
};

describe("a dashboard", () => {
  test("asks once for all its metrics, from one period earlier, with the page's filter", async () => {
    const given = asker();
    await placeWidgets(defaultDashboard().widgets, scope, given);
    expect(given.ask.metrics).toHaveBeenCalledTimes(1);
    expect(given.ask.metrics).toHaveBeenCalledWith(
      expect.objectContaining({
        from: "2025-10",
        to: "2026-11",
        grain: "month",
        filter: { country: ["US"] },
      }),
    );
    expect(given.ask.composition).toHaveBeenCalledTimes(2);
    expect(given.ask.cohorts).toHaveBeenCalledTimes(2);
    expect(given.ask.customers).toHaveBeenCalledTimes(1);
  });

  test("names the policy on every card, and on a KPI the rules that shape it", async () => {
    const widgets = await placeWidgets(defaultDashboard().widgets, scope, asker());
    for (const { policy, subtitle } of widgets) {
      expect(policy).toBe("Jarvis policy v1");
      expect(subtitle).toMatch(/(^| · )Jarvis policy v1$/);
    }
    const churn = { type: "kpi", ord: "a", title: "", rect: { lg: [0, 0, 2, 3], sm: [0, 0, 2, 3] } };
    const view = await readyView("c", asker(), { c: { ...churn, cfg: { metric: "customer_churn_rate" } } });
    expect(view.type === "kpi" && view.policy.rules.slice(0, 2)).toEqual([
      "The customer churn rate divides by the customers at the start.",
      "Who comes and leaves within one period is new and churned, but in no churn rate.",
    ]);
  });

  test("a query that fails is said in its own cards, the others stand", async () => {
    const given = asker({
      composition: async () => Promise.reject(new Error("An exchange rate is missing.")),
    });
    const widgets = await placeWidgets(defaultDashboard().widgets, scope, given);
    const failed = widgets.filter(({ state }) => state.kind === "failed");
    expect(failed.map(({ id }) => id)).toEqual(["by-plan", "by-country"]);
    expect(failed[0]?.state).toEqual({ kind: "failed", message: "An exchange rate is missing." });
    expect(failed[0]?.title).toBe("ARR by plan");
  });

  test("settings that cannot be read are said in the card and ask nothing", async () => {
    const given = asker();
    const stored = {
      odd: {
        type: "kpi",
        title: "Mine",
        ord: "a",
        rect: { lg: [0, 0, 2, 3], sm: [0, 0, 2, 3] },
        cfg: { metric: "magic" },
      },
    };
    expect((await placed(given, "odd", stored)).state.kind).toBe("failed");
    expect(given.ask.metrics).not.toHaveBeenCalled();
  });

  test("leaves out deleted widgets and what is none, mends places, and reads in order", async () => {
    const rect = { lg: [0, 0, 2, 3], sm: [0, 0, 2, 3] };
    const kpi = { type: "kpi", title: "", rect, cfg: { metric: "mrr" } };
    const stored = {
      second: { ...kpi, ord: "b" },
      first: { ...kpi, ord: "a", newer: "kept" },
      gone: { ...kpi, ord: "c", del: { by: "x", at: "now" } },
      wide: { ...kpi, ord: "d", rect: { ...rect, lg: [11, 0, 2, 3] } },
      text: "no widget",
    };
    const widgets = await placeWidgets(stored, scope, asker());
    expect(widgets.map(({ id, rect: { lg } }) => [id, lg])).toEqual([
      ["first", [0, 0, 2, 3]],
      ["wide", [10, 0, 2, 3]],
      ["second", [0, 3, 2, 3]],
    ]);
  });

  test("cohorts without customers are an empty card", async () => {
    expect((await placed(asker(), "cohorts")).state).toEqual({
      kind: "empty",
      message: "Nothing in this range matches the filters.",
    });
    const { cohorts } = defaultDashboard().widgets;
    const [whole] = await placeWidgets({ cohorts }, { ...scope, filter: {} }, asker());
    expect(whole?.state).toMatchObject({ message: "No numbers in this range yet." });
  });
});

test("numbers that cannot be valued say what to do", async () => {
  const given = asker({
    composition: async ({ by }: QueryOf<"composition">) => ({
      ...{ ...facts, by, at: "2026-11-22", total: null, parts: [] },
      reason: "fx_rate_missing" as const,
    }),
  });
  const widgets = await placeWidgets(defaultDashboard().widgets, scope, given);
  expect(widgets.find(({ type }) => type === "composition")?.state).toMatchObject({
    kind: "empty",
    message: expect.stringContaining("Upload exchange rates"),
  });
});

describe("a KPI", () => {
  test("that is a picture shows today's value against the last period's end", async () => {
    expect(await readyView("mrr")).toMatchObject({
      point: { period: "2026-11", value: "230" },
      comparison: { period: "2026-10", kind: "relative", change: 230 / 220 - 1, direction: 1, good: true },
      asOf: "2026-11-22",
    });
  });

  test("that sums up a period shows the last whole one against the one before", async () => {
    expect(await readyView("customer-churn-rate")).toMatchObject({
      point: { period: "2026-10" },
      comparison: { period: "2026-09", kind: "points", direction: 1, good: false },
      asOf: null,
    });
    expect(await readyView("net-new-mrr")).toMatchObject({
      comparison: { kind: "absolute", change: "0", direction: 0, good: null },
    });
  });

  test("draws its course without the period that is only compared with", async () => {
    const view = await readyView("mrr");
    expect(view.type === "kpi" && view.points.map(({ period }) => period).at(0)).toBe("2025-11");
  });
});

test("movements carry losses as negative amounts", async () => {
  const view = await readyView("movements");
  expect(view.type === "movements" && view.points[0]?.parts).toMatchObject({
    new: "7",
    contraction: "-7",
    churn: "-7",
  });
});

test("yearly amounts lose nothing to the rounding of a twelfth", async () => {
  const view = await readyView("by-plan");
  expect(view.type === "composition" && [view.total, view.parts[0]?.amount]).toEqual(["2000", "2000"]);
});

test("top customers are those who pay", async () => {
  const view = await readyView("top-customers");
  expect(view.type === "top_customers" && view.items.map(({ amount }) => amount)).toEqual(["600"]);
});
