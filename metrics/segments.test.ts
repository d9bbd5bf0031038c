import { describe, expect, test } from "vitest";
import {
  choosesCustomers,
  type Expression,
  listStandings,
  matchesExpression,
  type Subject,
} from "./segments.ts";
import { tenureBand } from "./tenure.ts";
import { ledgerOf, state } from "./testing.ts";

const subject: Subject = {
  plan: "Gold",
  interval: "month",
  currency: "USD",
  source: "upload",
  country: null,
  attributes: { team: "A" },
  annual: "6000",
  tenureMonths: 12,
};
const matches = (expression: Expression, over: Partial<Subject> = {}) =>
  matchesExpression(expression, { ...subject, ...over });

describe("an expression", () => {
  test("is any of the values, or none of them; the empty value is not set", () => {
    expect(matches({ key: "plan", op: "is", values: ["Silver", "Gold"] })).toBe(true);
    expect(matches({ key: "plan", op: "is_not", values: ["Silver", "Gold"] })).toBe(false);
    expect(matches({ key: "country", op: "is", values: [""] })).toBe(true);
    expect(matches({ key: "country", op: "is_not", values: ["DE"] })).toBe(true);
    expect(matches({ key: "attr.team", op: "is", values: ["A"] })).toBe(true);
    expect(matches({ key: "attr.other", op: "is", values: [""] })).toBe(true);
  });

  test("compares size by MRR and tenure by months, bounds included; what is not set never compares", () => {
    const size = (op: "at_least" | "at_most", value: string) =>
      ({ key: "size", op, values: [value] }) as const;
    expect(matches(size("at_least", "500"))).toBe(true);
    expect(matches(size("at_least", "500.000000000001"))).toBe(false);
    expect(matches(size("at_most", "500"))).toBe(true);
    expect(matches(size("at_most", "500"), { annual: null })).toBe(false);
    expect(matches({ key: "size", op: "is", values: ["500-1000"] })).toBe(true);
    expect(matches({ key: "size", op: "is", values: [""] }, { annual: null })).toBe(true);
    expect(matches({ key: "tenure", op: "at_least", values: ["12"] })).toBe(true);
    expect(matches({ key: "tenure", op: "at_most", values: ["11"] })).toBe(false);
    expect(matches({ key: "tenure", op: "at_most", values: ["11"] }, { tenureMonths: null })).toBe(false);
  });

  test("joins by all and any, however nested, and knows whether it chooses customers", () => {
    const gold = { key: "plan", op: "is", values: ["Gold"] } as const;
    const german = { key: "country", op: "is", values: ["DE"] } as const;
    expect(matches({ all: [gold, german] })).toBe(false);
    expect(matches({ any: [german, { all: [gold, { any: [gold, german] }] }] })).toBe(true);
    expect(choosesCustomers({ any: [german, { all: [gold] }] })).toBe(false);
    expect(choosesCustomers({ all: [german] })).toBe(true);
  });
});

test("tenure bands hold their lower bound", () => {
  expect([0, 2, 3, 6, 11, 12, 24, 300].map(tenureBand)).toEqual([
    ...["0-3", "0-3", "3-6", "6-12", "6-12", "12-24", "24+", "24+"],
  ]);
});

test("who pays nothing today has no size, who never paid no tenure", () => {
  const ledger = ledgerOf(
    state({ customerId: "pays", fromDay: "2025-01-31", annual: "1200" }),
    state({ customerId: "gone", fromDay: "2025-01-01", toDay: "2025-03-01", annual: "1200" }),
    state({ customerId: "comes", fromDay: "2026-01-01", annual: "1200" }),
  );
  expect(Object.fromEntries(listStandings(ledger, "2025-04-30"))).toEqual({
    pays: { annual: "1200", tenureMonths: 2 },
    gone: { annual: null, tenureMonths: 3 },
  });
});
