import { describe, expect, test } from "vitest";
import type { MetricPoint } from "#contracts/analytics.ts";
import type { SeriesView } from "#contracts/widgets.ts";
import { comparedScopes } from "./compare.ts";
import { type Asker, placeWidgets } from "./place.ts";
import type { QueryOf } from "./queries.ts";
import type { PageScope } from "./scope.ts";
import { autumn } from "./testing-scope.ts";

const segment = (id: string, name: string) => ({ id, name, color: null });
const scope: PageScope = {
  ...autumn,
  filter: { plan: ["Gold"] },
  segments: [segment("s1", "Enterprise"), segment("s2", "Young")],
};
const named = (given: PageScope, own?: string[]) =>
  comparedScopes(given, own).map(({ segment: { name }, scope: { filter } }) => [
    name,
    filter.segment ?? null,
  ]);

describe("segments side by side", () => {
  test("are those of the page: everyone, or its own segment, beside those that it is compared with", () => {
    expect(named({ ...scope, compare: ["s1"] })).toEqual([
      ["Everyone", null],
      ["Enterprise", ["s1"]],
    ]);
    expect(named({ ...scope, filter: { segment: ["s2"] }, compare: ["s1", "s1", "gone"] })).toEqual([
      ["Young", ["s2"]],
      ["Enterprise", ["s1"]],
      ["Deleted segment", ["gone"]],
    ]);
    expect(named(scope)).toEqual([]);
  });

  test("of a widget narrow what the page shows, four at most", () => {
    const page = { ...scope, filter: { segment: ["s2"] }, compare: ["s1"] };
    expect(named(page, ["everyone", "s1", "s2"])).toEqual([
      ["Everyone", ["s2"]],
      ["Enterprise", ["s2.s1"]],
      ["Young", ["s2"]],
    ]);
    expect(comparedScopes(scope, ["a", "b", "c", "d", "e"])).toHaveLength(4);
  });
});

const point = (period: string, value: string): MetricPoint => ({
  period,
  value,
  complete: true,
  reason: null,
});
/** Everyone has 100, a segment 10; “gone” was deleted. */
const asker: Asker = {
  ask: {
    metrics: async ({ names, filter }: QueryOf<"metrics">) => {
      if (filter.segment?.includes("gone")) throw new Error("deleted");
      const value = filter.segment ? "10" : "100";
      const points = ["2026-08", "2026-09", "2026-10", "2026-11"].map((period) => point(period, value));
      return {
        ...{
          currency: "USD",
          timezone: "UTC",
          policy: { preset: "jarvis", version: 1 },
          as_of: "2026-11-22",
        },
        version: 1,
        metrics: Object.fromEntries(names.map((name) => [name, points])),
      };
    },
    composition: () => Promise.reject(new Error("not asked")),
    customers: () => Promise.reject(new Error("not asked")),
    cohorts: () => Promise.reject(new Error("not asked")),
  },
  explain: () => ({ message: "This segment was deleted.", missing: true }),
};
const rect = { lg: [0, 0, 6, 6], sm: [0, 0, 4, 6] };
const place = async (type: string, cfg: object, page: PageScope) => {
  const stored = { one: { type, title: "", ord: "a", rect, cfg } };
  const [widget] = await placeWidgets(stored, page, asker);
  return widget!;
};
const seriesView = async (cfg: object, page: PageScope): Promise<SeriesView> => {
  const { state } = await place("series", { metrics: ["mrr"], ...cfg }, page);
  if (state.kind !== "ready" || state.view.type !== "series") throw new Error(state.kind);
  return state.view;
};
const values = ({ lines: [line] }: SeriesView) =>
  [line?.points ?? [], ...(line?.others ?? [])].map((points) => points.map((one) => one.value));

describe("a chart", () => {
  test("has one line per segment, in the shown periods", async () => {
    const view = await seriesView({}, { ...scope, compare: ["s1"] });
    expect(view.segments?.map(({ name }) => name)).toEqual(["Everyone", "Enterprise"]);
    expect(values(view)).toEqual([
      ["100", "100", "100"],
      ["10", "10", "10"],
    ]);
    expect((await seriesView({}, scope)).segments).toBeUndefined();
  });

  test("goes on without a segment that was deleted, and says so where nothing is left", async () => {
    const view = await seriesView({ compare: ["everyone", "gone"] }, scope);
    expect(view.segments?.map(({ name }) => name)).toEqual(["Everyone", "Deleted segment"]);
    expect(values(view)[1]).toEqual([null, null, null]);
    const { state } = await place("series", {}, { ...scope, filter: { segment: ["gone"] } });
    expect(state).toEqual({ kind: "empty", message: "This segment was deleted." });
  });

  test("carries what was noted in its periods", async () => {
    const note = (id: string, day: string) => ({ id, day, title: id, text: null });
    const annotations = [
      note("later", "2026-10-20"),
      note("first", "2026-10-02"),
      note("before", "2026-08-31"),
    ];
    expect((await seriesView({}, { ...scope, annotations })).annotations).toEqual([
      { ...note("first", "2026-10-02"), period: "2026-10" },
      { ...note("later", "2026-10-20"), period: "2026-10" },
    ]);
  });
});

test("a card shows the value of the segment that the page is compared with", async () => {
  const { state } = await place("kpi", { metric: "mrr" }, { ...scope, compare: ["s1"] });
  expect(state).toMatchObject({
    kind: "ready",
    view: { point: { value: "100" }, compared: { segment: { name: "Enterprise" }, point: { value: "10" } } },
  });
});
