import { describe, expect, it } from "vitest";
import type { FinanceMonth } from "./finance.ts";
import { compoundAnnually } from "./formulas.ts";
import type { Ledger, MovementKind } from "./ledger.ts";
import { type MetricName, metricNames } from "./metric-names.ts";
import { computeMetrics, type MetricsInput } from "./metrics.ts";
import { buildLedger } from "./movements.ts";
import { type PolicyPatch, resolvePolicy } from "./policy.ts";
import { handLedger, ledgerOf, state } from "./testing.ts";

type Row = { customer: string; day: string; kind: MovementKind; mrr: number };

const point = (
  name: MetricName,
  ledger: Ledger,
  given: Partial<MetricsInput> & { patch?: PolicyPatch } = {},
) => {
  const { patch = {}, ...rest } = given;
  const answers = computeMetrics([name], {
    ledger,
    periods: ["2026-02"],
    policy: resolvePolicy(patch),
    asOf: "2026-03-15",
    today: "2026-03-15",
    coveredUntil: null,
    ...rest,
  });
  return answers[name][0];
};
const value = (...given: Parameters<typeof point>) => point(...given)?.value;

/** Customers `prefix1…` with one row each. */
const many = (count: number, prefix: string, row: Omit<Row, "customer">): Row[] =>
  Array.from({ length: count }, (_, index) => ({ customer: `${prefix}${index + 1}`, ...row }));

const unknown = { revenue: null, profit: null, netBurn: null, grossMargin: null };
const margin80: FinanceMonth[] = [{ ...unknown, month: "2025-06", grossMargin: "0.8" }];
const january = "2026-01-10";
const fixture = handLedger([
  { customer: "back", day: "2025-01-01", kind: "new", mrr: 200 },
  { customer: "back", day: "2025-06-01", kind: "churn", mrr: 200 },
  { customer: "steady", day: january, kind: "new", mrr: 8000 },
  { customer: "grows", day: january, kind: "new", mrr: 500 },
  { customer: "shrinks", day: january, kind: "new", mrr: 800 },
  { customer: "goes", day: january, kind: "new", mrr: 700 },
  { customer: "joins", day: "2026-02-03", kind: "new", mrr: 1500 },
  { customer: "grows", day: "2026-02-04", kind: "expansion", mrr: 500 },
  { customer: "back", day: "2026-02-05", kind: "reactivation", mrr: 200 },
  { customer: "shrinks", day: "2026-02-06", kind: "contraction", mrr: 300 },
  { customer: "goes", day: "2026-02-28", kind: "churn", mrr: 700 },
]);

describe("the fixture of metrics.md §4", () => {
  it("start 10,000, end 11,200, ARR 134,400, net new +1,200", () => {
    expect(value("mrr", fixture, { periods: ["2026-01"] })).toBe("10000");
    expect(value("mrr", fixture)).toBe("11200");
    expect(value("arr", fixture)).toBe("134400");
    expect(value("net_new_mrr", fixture)).toBe("1200");
    const flows = [
      "new_mrr",
      "expansion_mrr",
      "reactivation_mrr",
      "contraction_mrr",
      "churned_mrr",
      "fx_mrr",
    ] as const;
    expect(flows.map((name) => value(name, fixture))).toEqual(["1500", "500", "200", "300", "700", "0"]);
  });

  it("gross churn 10.0 %, net churn 3.0 %, 5.0 % without reactivation", () => {
    expect(value("gross_mrr_churn_rate", fixture)).toBe(0.1);
    expect(value("net_mrr_churn_rate", fixture)).toBe(0.03);
    expect(value("net_mrr_churn_rate", fixture, { patch: { preset: "baremetrics" } })).toBe(0.05);
  });

  it("GRR (flow) 90.0 %, NRR (flow) 97.0 %, 95.0 % without reactivation", () => {
    expect(value("grr_flow", fixture)).toBe(0.9);
    expect(value("nrr_flow", fixture)).toBe(0.97);
    expect(value("nrr_flow", fixture, { patch: { net_churn_reactivation: false } })).toBe(0.95);
  });

  it("quick ratio 2.0, 2.2 with reactivation", () => {
    expect(value("quick_ratio", fixture)).toBe(2);
    expect(value("quick_ratio", fixture, { patch: { quick_ratio_reactivation: true } })).toBe(2.2);
  });
});

describe("retention", () => {
  it("T11 A 100→150, B 100→60, C 100→0, D 100→100: NRR 77.5 %, GRR 65.0 %", () => {
    const ledger = handLedger([
      ...["A", "B", "C", "D"].map((customer) => ({
        customer,
        day: "2025-02-01",
        kind: "new" as const,
        mrr: 100,
      })),
      { customer: "A", day: "2025-07-01", kind: "expansion", mrr: 50 },
      { customer: "B", day: "2025-08-01", kind: "contraction", mrr: 40 },
      { customer: "C", day: "2025-09-01", kind: "churn", mrr: 100 },
      { customer: "E", day: "2025-09-01", kind: "new", mrr: 1000 },
    ]);
    expect(value("nrr", ledger)).toBe(0.775);
    expect(value("grr", ledger)).toBe(0.65);
    expect(point("nrr", ledger, { periods: ["2026-01"] })).toMatchObject({
      value: null,
      reason: "no_customers_12_months_ago",
    });
  });

  it("5 % a month is 45.96 % a year, by compounding", () => {
    expect((compoundAnnually("0.05") * 100).toFixed(2)).toBe("45.96");
  });
});

describe("customer churn", () => {
  it("T13 100 at start, 12 churned of whom 1 came back and 1 joined in the period: 10 %", () => {
    const ledger = handLedger([
      ...many(100, "c", { day: january, kind: "new", mrr: 10 }),
      ...many(11, "c", { day: "2026-02-10", kind: "churn", mrr: 10 }),
      { customer: "c1", day: "2026-02-20", kind: "reactivation", mrr: 10 },
      { customer: "flash", day: "2026-02-02", kind: "new", mrr: 10 },
      { customer: "flash", day: "2026-02-12", kind: "churn", mrr: 10 },
    ]);
    expect(value("customer_churn_rate", ledger)).toBe(0.1);
    expect(value("churned_customers", ledger)).toBe(12);
    expect(value("new_customers", ledger)).toBe(1);
    expect(value("customer_churn_rate", ledger, { patch: { new_and_churn: "both" } })).toBe(0.11);
    expect(value("gross_mrr_churn_rate", ledger, { patch: { new_and_churn: "both" } })).toBe(0.12);
    const drop = { patch: { new_and_churn: "drop" } } as const;
    expect(value("customer_churn_rate", ledger, drop)).toBe(0.1);
    expect([value("new_customers", ledger, drop), value("churned_customers", ledger, drop)]).toEqual([0, 11]);
    expect([value("new_mrr", ledger, drop), value("churned_mrr", ledger, drop)]).toEqual(["0", "110"]);
  });

  it("T14 start 100, new 25, churned 10: 10.0 %, with Stripe's denominator 8.0 %", () => {
    const ledger = handLedger([
      ...many(100, "c", { day: january, kind: "new", mrr: 10 }),
      ...many(25, "n", { day: "2026-02-05", kind: "new", mrr: 10 }),
      ...many(10, "c", { day: "2026-02-10", kind: "churn", mrr: 10 }),
    ]);
    expect(value("customer_churn_rate", ledger)).toBe(0.1);
    expect(value("customer_churn_rate", ledger, { patch: { preset: "stripe" } })).toBe(0.08);
  });

  it("who paid at the start and is gone at the end is lost, and not new and gone as well", () => {
    const ledger = handLedger([
      ...many(10, "c", { day: january, kind: "new", mrr: 10 }),
      { customer: "c1", day: "2026-02-02", kind: "churn", mrr: 10 },
      // policy return_after_days: 0
      { customer: "c1", day: "2026-02-05", kind: "new", mrr: 10 },
      { customer: "c1", day: "2026-02-09", kind: "churn", mrr: 10 },
    ]);
    expect(value("customer_churn_rate", ledger, { patch: { new_and_churn: "both" } })).toBe(0.1);
  });

  it("losses count up to what a customer paid at the start, and only of those who paid then", () => {
    const ledger = handLedger([
      { customer: "a", day: january, kind: "new", mrr: 100 },
      { customer: "a", day: "2026-02-02", kind: "expansion", mrr: 400 },
      { customer: "a", day: "2026-02-03", kind: "churn", mrr: 500 },
      { customer: "b", day: january, kind: "new", mrr: 100 },
      { customer: "c", day: "2026-02-02", kind: "new", mrr: 100 },
      { customer: "c", day: "2026-02-03", kind: "contraction", mrr: 50 },
    ]);
    expect(value("gross_mrr_churn_rate", ledger)).toBe(0.5);
    expect(value("grr_flow", ledger)).toBe(0.5);
  });
});

describe("averages and unit economics", () => {
  it("ARPA of 1, 1, 3, 5, 5 is 3", () => {
    const ledger = handLedger(
      [1, 1, 3, 5, 5].map((mrr, index) => ({ customer: `c${index}`, day: january, kind: "new", mrr })),
    );
    expect(value("arpa", ledger)).toBe("3");
    expect(value("customers", ledger)).toBe(5);
  });

  it("ASP of 3 × 100 and 7 × 50 is 65", () => {
    const ledger = handLedger([
      ...many(3, "a", { day: "2026-02-02", kind: "new", mrr: 100 }),
      ...many(7, "b", { day: "2026-02-02", kind: "new", mrr: 50 }),
    ]);
    expect(value("asp", ledger)).toBe("65");
  });

  // 40 customers at each month's start, 2 gone by its end: 5 % in each of the six months before February
  const fivePercent = handLedger([
    ...many(40, "c", { day: "2025-07-15", kind: "new", mrr: 100 }),
    ...[8, 9, 10, 11, 12, 13].flatMap((month, index): Row[] => {
      const day = month > 12 ? "2026-01-20" : `2025-${String(month).padStart(2, "0")}-20`;
      return [1, 2].flatMap((n): Row[] => [
        { customer: `c${index * 2 + n}`, day, kind: "churn", mrr: 100 },
        { customer: `r${index * 2 + n}`, day, kind: "new", mrr: 100 },
      ]);
    }),
  ]);

  it("LTV: 100 at 5 % is 2,000, at 80 % margin 1,600", () => {
    expect(value("customer_churn_rate", fivePercent, { periods: ["2025-10"] })).toBe(0.05);
    expect(value("ltv", fivePercent)).toBe("2000");
    expect(value("ltv", fivePercent, { finance: margin80 })).toBe("1600");
  });

  it("LTV leaves the running and the own month out, and says why it is null", () => {
    expect(point("ltv", fivePercent, { periods: ["2025-07"] })?.reason).toBe("no_history");
    const steady = handLedger(many(3, "c", { day: "2025-06-01", kind: "new", mrr: 100 }));
    expect(point("ltv", steady)?.reason).toBe("no_churn");
    expect(point("ltv", handLedger([]))?.reason).toBe("no_customers");
  });

  it("T15 50,000 spend, 20 customers, ARPA 200, margin 80 %: CAC 2,500, payback 15.625 months", () => {
    const ledger = handLedger(many(20, "c", { day: "2026-02-02", kind: "new", mrr: 200 }));
    const spend = [
      { month: "2026-02", amount: "30000" },
      { month: "2026-02", amount: "20000" },
      { month: "2026-01", amount: "999" },
    ];
    expect(value("cac", ledger, { spend })).toBe("2500");
    expect(value("cac_payback", ledger, { spend, finance: margin80 })).toBe(15.625);
    expect(point("cac_payback", ledger, { spend })?.reason).toBe("no_margin");
    expect(point("cac", ledger)?.reason).toBe("no_spend");
    expect(point("cac", ledger, { spend, periods: ["2026-W06"] })?.reason).toBe("no_spend");
    expect(value("cac", ledger, { spend, periods: ["2026-Q1"], asOf: "2026-04-02" })).toBe("2549.95");
    expect(
      value("ltv_cac", fivePercent, { spend: [{ month: "2026-01", amount: "2000" }], periods: ["2026-01"] }),
    ).toBe(2);
  });

  it("usage revenue adds up transactions, trial conversion counts by the trial's start", () => {
    const usage = [
      { day: "2026-02-01", amount: "10.5" },
      { day: "2026-02-28", amount: "4.5" },
      { day: "2026-03-01", amount: "7" },
    ];
    expect(value("usage_revenue", fixture, { usage })).toBe("15");
    expect(point("usage_revenue", fixture)?.reason).toBe("no_data");
    const unrated = [...usage, { day: "2026-02-02", amount: null }];
    expect(point("usage_revenue", fixture, { usage: unrated })?.reason).toBe("fx_rate_missing");
    const trials = [
      { startDay: "2026-02-01", convertedDay: "2026-02-15" },
      { startDay: "2026-02-20", convertedDay: "2026-03-06" },
      { startDay: "2026-01-20", convertedDay: "2026-02-20" },
    ];
    expect(value("trial_conversion", fixture, { trials })).toBe(1);
    expect(value("trial_conversion", fixture, { trials, asOf: "2026-03-05" })).toBe(0.5);
    expect(point("trial_conversion", fixture)?.reason).toBe("no_trials");
  });
});

describe("finance inputs", () => {
  // ARR a year before 120,000; 168,000 at the end of March, of which 24,000 came in March
  const ledger = handLedger([
    { customer: "a", day: "2025-01-10", kind: "new", mrr: 10_000 },
    { customer: "b", day: "2026-02-10", kind: "new", mrr: 2_000 },
    { customer: "c", day: "2026-03-10", kind: "new", mrr: 2_000 },
  ]);
  const month = (name: string, given: Partial<FinanceMonth>): FinanceMonth => ({
    ...unknown,
    month: name,
    ...given,
  });
  const march = { periods: ["2026-03"], asOf: "2026-04-15" };
  const quarter = { periods: ["2026-Q1"], asOf: "2026-04-15" };

  it("rule of 40: 40 % growth − 10 % margin → 30 %, of a quarter over all its months", () => {
    const finance = [
      month("2026-01", { revenue: "1000", profit: "0" }),
      month("2026-02", { revenue: "1000", profit: "0" }),
      month("2026-03", { revenue: "2000", profit: "-200" }),
    ];
    expect(value("rule_of_40", ledger, { finance, ...march })).toBeCloseTo(0.3, 12);
    expect(value("rule_of_40", ledger, { finance, ...quarter })).toBeCloseTo(0.35, 12);
    expect(point("rule_of_40", ledger, { finance: finance.slice(1), ...quarter })?.reason).toBe(
      "no_finance_inputs",
    );
    expect(point("rule_of_40", ledger, { finance, periods: ["2026-W10"] })?.reason).toBe("no_finance_inputs");
    const nothingEarned = [month("2026-03", { revenue: "0", profit: "-1" })];
    expect(point("rule_of_40", ledger, { finance: nothingEarned, ...march })?.reason).toBe(
      "no_finance_inputs",
    );
    const young = handLedger([{ customer: "a", day: "2026-01-10", kind: "new", mrr: 10 }]);
    expect(point("rule_of_40", young, { finance, ...march })?.reason).toBe("no_customers_12_months_ago");
  });

  it("burn multiple: 36,000 burnt for 24,000 of new ARR → 1.5; without growth there is none", () => {
    const finance = [month("2026-03", { netBurn: "36000" }), month("2026-01", { netBurn: "1" })];
    expect(value("burn_multiple", ledger, { finance, ...march })).toBe(1.5);
    expect(point("burn_multiple", ledger, { finance, periods: ["2026-01"] })?.reason).toBe("no_net_new_arr");
    expect(point("burn_multiple", ledger, { finance, ...quarter })?.reason).toBe("no_finance_inputs");
    // cash came in
    expect(
      value("burn_multiple", ledger, { finance: [month("2026-03", { netBurn: "-2400" })], ...march }),
    ).toBe(-0.1);
  });

  it("magic number: 24,000 of new ARR for 32,000 spent in the period before → 0.75", () => {
    const spend = [
      { month: "2026-02", amount: "32000" },
      { month: "2025-11", amount: "48000" },
    ];
    expect(value("magic_number", ledger, { spend, ...march })).toBe(0.75);
    expect(value("magic_number", ledger, { spend, ...quarter })).toBe(1);
    expect(point("magic_number", ledger, { spend, periods: ["2026-02"] })?.reason).toBe("no_finance_inputs");
  });

  it("the margin in force is the newest month's that gives one; an amount without a rate makes null", () => {
    const spend = [{ month: "2026-03", amount: "2000" }];
    const finance = [month("2026-02", { grossMargin: "0.5" }), month("2026-03", {}), ...margin80];
    expect(value("arpa", ledger, march)).toBe("4666.666666666667");
    expect(value("cac_payback", ledger, { spend, finance, ...march })).toBeCloseTo(
      2000 / (14_000 / 3 / 2),
      12,
    );
    const abroad = [month("2026-03", { unvalued: true })];
    for (const name of ["rule_of_40", "burn_multiple"] as const)
      expect(point(name, ledger, { finance: abroad, ...march })?.reason).toBe("fx_rate_missing");
  });
});

describe("usage in MRR (usage: trailing3)", () => {
  const ledger = handLedger([
    { customer: "a", day: january, kind: "new", mrr: 100 },
    { customer: "b", day: "2026-02-10", kind: "new", mrr: 200 },
  ]);
  const usage = [
    { day: "2025-11-30", amount: "1000" },
    { day: "2025-12-05", amount: "30" },
    { day: "2026-01-31", amount: "60" },
    { day: "2026-02-28", amount: "90" },
    { day: "2026-03-01", amount: "600" },
  ];
  const patch: PolicyPatch = { usage: "trailing3" };
  const seen = (name: MetricName, given: Partial<MetricsInput> = {}) =>
    point(name, ledger, { usage, patch, ...given });

  it("adds the mean of the last three calendar months that are over", () => {
    expect(seen("mrr")?.value).toBe("360");
    expect(seen("arr")?.value).toBe("4320");
    expect(seen("arpa")?.value).toBe("180");
    expect(seen("mrr", { periods: ["2026-01"] })?.value).toBe("463.333333333333");
    // the month of the observation still runs: November to January
    expect(seen("mrr", { asOf: "2026-02-27" })?.value).toBe("663.333333333333");
    expect(seen("mrr", { periods: ["2026-03"] })?.value).toBe("360");
    expect(seen("mrr", { periods: ["2026-Q1"], asOf: "2026-03-31" })?.value).toBe("550");
  });

  it("is in what MRR is divided by and multiplied with, and in no movement or retention", () => {
    const spend = [{ month: "2026-02", amount: "360" }];
    expect(seen("cac_payback", { spend, finance: [{ ...margin80[0]!, grossMargin: "0.5" }] })?.value).toBe(4);
    expect(seen("new_mrr")?.value).toBe("200");
    expect(seen("net_new_mrr")?.value).toBe("200");
    expect(seen("gross_mrr_churn_rate")?.value).toBe(0);
    expect(seen("committed_mrr")?.value).toBe("300");
    expect(seen("usage_revenue")?.value).toBe("90");
  });

  it("is left out by the other policies, and where no transaction is known", () => {
    expect(point("mrr", ledger, { usage })?.value).toBe("300");
    expect(seen("mrr", { usage: [] })?.value).toBe("300");
    expect(value("mrr", ledger, { usage, patch: { preset: "profitwell" } })).toBe("360");
  });

  it("a usage amount without an exchange rate makes null, as long as it is one of the three months", () => {
    const unrated = [...usage, { day: "2025-12-06", amount: null }];
    for (const name of ["mrr", "arr", "arpa"] as const)
      expect(seen(name, { usage: unrated })).toMatchObject({ value: null, reason: "fx_rate_missing" });
    expect(seen("mrr", { usage: unrated, periods: ["2026-03"], asOf: "2026-03-31" })?.value).toBe("550");
    expect(seen("new_mrr", { usage: unrated })?.value).toBe("200");
  });
});

describe("points", () => {
  it("a zero denominator is null with a reason, for every metric, never NaN or Infinity", () => {
    const reasons = Object.fromEntries(
      metricNames.flatMap((name) => {
        const found = point(name, handLedger([]));
        return found?.value === null ? [[name, found.reason]] : [];
      }),
    );
    expect(reasons).toEqual({
      customer_churn_rate: "no_customers_at_start",
      gross_mrr_churn_rate: "no_mrr_at_start",
      net_mrr_churn_rate: "no_mrr_at_start",
      nrr: "no_customers_12_months_ago",
      grr: "no_customers_12_months_ago",
      nrr_flow: "no_mrr_at_start",
      grr_flow: "no_mrr_at_start",
      quick_ratio: "no_losses",
      arpa: "no_customers",
      asp: "no_new_customers",
      ltv: "no_customers",
      cac: "no_spend",
      cac_payback: "no_spend",
      ltv_cac: "no_spend",
      trial_conversion: "no_trials",
      usage_revenue: "no_data",
      rule_of_40: "no_finance_inputs",
      burn_multiple: "no_finance_inputs",
      magic_number: "no_finance_inputs",
    });
  });

  it("the running period is cut at the day of observation and incomplete; a later one has no data", () => {
    const points = computeMetrics(["mrr", "churned_mrr"], {
      ledger: fixture,
      periods: ["2026-01", "2026-02", "2026-03"],
      policy: resolvePolicy(),
      asOf: "2026-02-27",
      today: "2026-03-15",
      coveredUntil: null,
    });
    expect(points.mrr).toEqual([
      { period: "2026-01", value: "10000", complete: true, reason: null },
      { period: "2026-02", value: "11900", complete: false, reason: null },
      { period: "2026-03", value: null, complete: false, reason: "no_data" },
    ]);
    expect(points.churned_mrr[1]?.value).toBe("0");
  });

  it("future-dated changes are committed MRR and scheduled churn until they are effective", () => {
    const ledger = ledgerOf(
      state({ fromDay: "2026-01-01", toDay: "2026-04-10", annual: "1200" }),
      state({ customerId: "c2", fromDay: "2026-05-01", annual: "600" }),
    );
    const seen = { asOf: "2026-03-15", today: "2026-03-15" };
    const at = (period: string) =>
      (["mrr", "committed_mrr", "scheduled_churn_mrr"] as const).map((name) =>
        value(name, ledger, { ...seen, periods: [period] }),
      );
    expect(at("2026-02")).toEqual(["100", "100", "0"]);
    expect(at("2026-03")).toEqual(["100", "50", "100"]);
    expect(at("2026-04")).toEqual([null, "0", "100"]);
    expect(at("2026-05")).toEqual([null, "50", "0"]);
  });

  it("a missing exchange rate makes what it touches null, and nothing else", () => {
    const ledger = buildLedger({
      states: [
        state({ fromDay: "2026-01-01", annual: "1200" }),
        state({ customerId: "c2", fromDay: "2026-02-10", annual: "1200", currency: "EUR" }),
      ],
      rates: [{ day: "2026-02-20", from: "EUR", to: "USD", rate: "1.1" }],
      currency: "USD",
      policy: resolvePolicy(),
    });
    expect(value("mrr", ledger)).toBe("210");
    expect(point("new_mrr", ledger)).toMatchObject({ value: null, reason: "fx_rate_missing" });
    expect(point("mrr", ledger, { asOf: "2026-02-15" })?.reason).toBe("fx_rate_missing");
    expect(value("new_mrr", ledger, { periods: ["2026-01"] })).toBe("100");
    expect(value("new_mrr", ledger, { periods: ["2026-03"] })).toBe("0");
  });

  it("every grain adds up the same rows", () => {
    const at = (period: string) => value("new_mrr", fixture, { periods: [period] });
    expect(["2026-02-03", "2026-W06", "2026-02", "2026-Q1"].map(at)).toEqual([
      "1500",
      "1500",
      "1500",
      "11500",
    ]);
    expect(value("new_mrr", fixture, { periods: ["2026"] })).toBe("11500");
  });
});
