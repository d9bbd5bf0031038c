import { describe, expect, it } from "vitest";
import { computeComposition, sizeBand } from "./composition.ts";
import { state } from "./testing.ts";

const states = [
  state({ fromDay: "2026-01-01", annual: "1200", country: "DE", attributes: { tier: "A" } }),
  state({ subscriptionId: "s2", plan: "Silver", fromDay: "2026-01-01", annual: "600", country: "DE" }),
  state({ customerId: "c2", subscriptionId: "s3", plan: null, fromDay: "2026-01-01", annual: "200" }),
  state({
    customerId: "c3",
    subscriptionId: "s4",
    fromDay: "2026-01-01",
    toDay: "2026-02-01",
    annual: "9999",
  }),
  state({ customerId: "c4", subscriptionId: "s5", fromDay: "2026-01-01", annual: "0" }),
];
const compose = (by: Parameters<typeof computeComposition>[0]["by"], given = states) =>
  computeComposition({ states: given, rates: [], currency: "USD", at: "2026-02-01", by });

describe("composition", () => {
  it("parts add up to the whole, and what has no value is a part of its own", () => {
    const { total, parts } = compose("plan");
    expect(total).toBe("166.666666666667");
    expect(parts).toEqual([
      { key: "Gold", mrr: "100", share: 0.6, customers: 1 },
      { key: "Silver", mrr: "50", share: 0.3, customers: 1 },
      { key: null, mrr: "16.666666666667", share: 0.1, customers: 1 },
    ]);
  });

  it("goes by country, attribute, interval, source and currency", () => {
    expect(compose("country").parts.map(({ key, mrr }) => [key, mrr])).toEqual([
      ["DE", "150"],
      [null, "16.666666666667"],
    ]);
    expect(compose("attr.tier").parts.map(({ key }) => key)).toEqual(["A", null]);
    for (const by of ["interval", "source", "currency"] as const) expect(compose(by).parts).toHaveLength(1);
  });

  it("size bands hold whole customers, smallest band first", () => {
    expect(compose("size").parts.map(({ key, customers }) => [key, customers])).toEqual([
      ["0-50", 1],
      ["100-250", 1],
    ]);
    expect([sizeBand("599.999999999999"), sizeBand("600"), sizeBand("600000")]).toEqual([
      "0-50",
      "50-100",
      "50000+",
    ]);
  });

  it("an empty day has a total of 0 and no parts; a missing rate is null with its reason", () => {
    expect(compose("plan", [])).toEqual({ total: "0", reason: null, parts: [] });
    const euro = state({ fromDay: "2026-01-01", annual: "12", currency: "EUR" });
    expect(compose("plan", [euro])).toEqual({ total: null, reason: "fx_rate_missing", parts: [] });
  });
});
