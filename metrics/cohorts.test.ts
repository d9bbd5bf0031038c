import { describe, expect, it } from "vitest";
import { type CohortsInput, computeCohorts } from "./cohorts.ts";
import { resolvePolicy } from "./policy.ts";
import { handLedger } from "./testing.ts";

const compute = (given: Partial<CohortsInput> & Pick<CohortsInput, "ledger">) =>
  computeCohorts({
    grain: "month",
    basis: "first_payment",
    measure: "customers",
    policy: resolvePolicy(),
    asOf: "2026-02-28",
    today: "2026-03-15",
    coveredUntil: null,
    ...given,
  });

const customers = (count: number, prefix: string, month: string, left: number, day = 20) => {
  const next = `2026-${String(Number(month) + 1).padStart(2, "0")}`;
  return Array.from({ length: count }, (_, index) => [
    { customer: `${prefix}${index}`, day: `2026-${month}-05`, kind: "new" as const, mrr: 10 },
    ...(index < left
      ? []
      : [{ customer: `${prefix}${index}`, day: `${next}-${day}`, kind: "churn" as const, mrr: 10 }]),
  ]).flat();
};
const percent = (rate: number | undefined) => ((rate ?? Number.NaN) * 100).toFixed(1);

describe("cohorts", () => {
  // A: 100 in January, 80 left in February; B: 10 in February, 9 left in March
  const twoCohorts = [...customers(100, "a", "01", 80), ...customers(10, "b", "02", 9)];

  it("T16 A 100→80, B 10→9: the average is 80.9 %, simple 85 %", () => {
    const seen = { ledger: handLedger(twoCohorts), asOf: "2026-03-31", today: "2026-04-01" };
    const weighted = compute(seen);
    expect(weighted.cohorts.map(({ cohort, size }) => [cohort, size])).toEqual([
      ["2026-01", 100],
      ["2026-02", 10],
      ["2026-03", 0],
    ]);
    expect(percent(weighted.average[1]?.rate)).toBe("80.9");
    expect(weighted.average[1]?.cohorts).toBe(2);
    const simple = compute({ ...seen, policy: resolvePolicy({ cohort_average: "simple" }) });
    expect(percent(simple.average[1]?.rate)).toBe("85.0");
  });

  it("T17 a cohort whose month 1 still runs leaves the average at 80.9 %", () => {
    const ledger = handLedger([...twoCohorts, ...customers(50, "c", "03", 40, 10)]);
    const { cohorts, average } = compute({ ledger, asOf: "2026-04-15", today: "2026-04-15" });
    expect(cohorts[2]?.cells[1]).toEqual({ value: 40, rate: 0.8, complete: false });
    expect(percent(average[1]?.rate)).toBe("80.9");
    expect(average[3]).toBeNull();
  });

  const three = handLedger([
    ...["x", "y", "z"].map((customer) => ({ customer, day: "2025-12-05", kind: "new" as const, mrr: 100 })),
    { customer: "x", day: "2026-01-10", kind: "expansion", mrr: 50 },
    { customer: "y", day: "2026-02-10", kind: "churn", mrr: 100 },
  ]);

  it("T18 3 × $100, at month 2: 150, 0, 100: net 83.3 %, gross 66.7 %, customers 66.7 %", () => {
    const cell = (measure: CohortsInput["measure"]) =>
      compute({ ledger: three, measure }).cohorts[0]?.cells[2];
    expect(cell("mrr_net")).toMatchObject({ value: "250", complete: true });
    expect(percent(cell("mrr_net")?.rate ?? undefined)).toBe("83.3");
    expect(percent(cell("mrr_gross")?.rate ?? undefined)).toBe("66.7");
    expect(cell("customers")?.value).toBe(2);
    expect(compute({ ledger: three, measure: "mrr_net" }).cohorts[0]?.initial).toBe("300");
  });

  it("cells not yet observed are null, rows equally long, empty cohorts listed", () => {
    const { cohorts } = compute({ ledger: three });
    expect(cohorts.map(({ size, cells }) => [size, cells.map((cell) => (cell ? cell.value : null))])).toEqual(
      [
        [3, [3, 3, 2]],
        [0, [0, 0, null]],
        [0, [0, null, null]],
      ],
    );
    expect(cohorts[1]?.cells[0]?.rate).toBeNull();
  });

  it("active at any time in the period, where the policy says so", () => {
    const { cohorts } = compute({
      ledger: three,
      policy: resolvePolicy({ cohort_cell: "any" }),
      asOf: "2026-03-31",
    });
    expect(cohorts[0]?.cells.map((cell) => cell?.value)).toEqual([3, 3, 3, 2]);
  });

  it("returners stay in their first cohort", () => {
    const ledger = handLedger([
      { customer: "r", day: "2025-12-05", kind: "new", mrr: 100 },
      { customer: "r", day: "2026-01-05", kind: "churn", mrr: 100 },
      { customer: "r", day: "2026-02-05", kind: "reactivation", mrr: 100 },
    ]);
    const { cohorts } = compute({ ledger });
    expect(cohorts.map(({ size }) => size)).toEqual([1, 0, 0]);
    expect(cohorts[0]?.cells.map((cell) => cell?.value)).toEqual([1, 0, 1]);
  });

  it("sign-up cohorts hold everyone who signed up, payers or not", () => {
    const { cohorts } = compute({
      ledger: three,
      basis: "signup",
      customers: [
        { customerId: "x", signupDay: "2025-11-20" },
        { customerId: "free", signupDay: "2025-11-21" },
        { customerId: "unknown", signupDay: null },
      ],
    });
    expect(cohorts[0]).toMatchObject({ cohort: "2025-11", size: 2, initial: "100" });
    expect(cohorts[0]?.cells.map((cell) => cell?.value)).toEqual([0, 1, 1, 1]);
  });

  it("activity cohorts count customers with an activity in the period, and have no MRR", () => {
    const activities = ["2026-01-03", "2026-01-30", "2026-03-01"].map((day) => ({ customerId: "x", day }));
    const input = {
      ledger: handLedger([]),
      basis: "first_activity",
      activities,
      asOf: "2026-03-31",
    } as const;
    const { cohorts } = compute(input);
    expect(cohorts[0]).toMatchObject({ cohort: "2026-01", size: 1, initial: null });
    expect(cohorts[0]?.cells.map((cell) => cell?.value)).toEqual([1, 0, 1]);
    expect(() => compute({ ...input, measure: "mrr_net" })).toThrow(RangeError);
  });

  it("weeks, quarters and years are cohorts too; bounds choose the rows", () => {
    expect(compute({ ledger: three, grain: "quarter" }).cohorts.map(({ cohort }) => cohort)).toEqual([
      "2025-Q4",
      "2026-Q1",
    ]);
    expect(compute({ ledger: three, grain: "week" }).cohorts[0]?.cohort).toBe("2025-W49");
    const year = compute({ ledger: three, grain: "year", from: "2025-01-01", to: "2025-12-31" });
    expect(year.cohorts).toHaveLength(1);
    expect(year.cohorts[0]?.cells.map((cell) => [cell?.value, cell?.complete])).toEqual([
      [3, true],
      [2, false],
    ]);
  });
});
