import { describe, expect, it } from "vitest";
import { formatDecimal, mrrFromAnnual, parseDecimal, sum } from "./decimal.ts";
import {
  annualOf,
  factorText,
  intervalText,
  monthsOf,
  packageCount,
  type RecurringItem,
  tieredAmount,
} from "./normalise.ts";
import { type PolicyPatch, resolvePolicy } from "./policy.ts";

const annual = (item: RecurringItem, policy: PolicyPatch = {}) =>
  annualOf(item, resolvePolicy(policy)).annual;
const mrr = (item: RecurringItem, policy: PolicyPatch = {}) => mrrFromAnnual(annual(item, policy));
const total = (...items: string[]) => formatDecimal(sum(items.map(parseDecimal)));

describe("normalising to MRR", () => {
  it("T1 100 × $100 a month and 50 × $600 a year are $12,500", () => {
    const amount = total(
      annual({ unitAmount: "100", quantity: "100", interval: "month" }),
      annual({ unitAmount: "600", quantity: "50", interval: "year" }),
    );
    expect(mrrFromAnnual(amount)).toBe("12500");
  });

  it("T2 four seats yearly at $500 are 166.666…", () => {
    const item: RecurringItem = { unitAmount: "500", quantity: "4", interval: "year" };
    expect(annual(item)).toBe("2000");
    expect(mrr(item)).toBe("166.666666666667");
  });

  it("T3 $10 a week are $43.33", () => {
    expect(annual({ unitAmount: "10", interval: "week" })).toBe("520");
    expect(mrr({ unitAmount: "10", interval: "week" })).toBe("43.333333333333");
  });

  it("T4 $120 a year with 10 % off forever are $9.00", () => {
    const item: RecurringItem = {
      unitAmount: "120",
      interval: "year",
      discounts: [{ percent: "10", duration: "forever" }],
    };
    expect(mrr(item)).toBe("9");
    expect(annualOf(item, resolvePolicy()).list).toBe("120");
  });

  it("T5 $300 per 3 months × 2 are $200", () => {
    expect(mrr({ unitAmount: "300", quantity: "2", interval: "month", intervalCount: 3 })).toBe("200");
  });

  it("T6 $10 a month with a 50 % forever coupon are $5", () => {
    const discounts = [{ percent: "50", duration: "forever" }] as const;
    expect(mrr({ unitAmount: "10", interval: "month", discounts })).toBe("5");
  });

  it("T6b three payers at $10 a week are $130.00", () => {
    const one = annual({ unitAmount: "10", interval: "week" });
    expect(mrrFromAnnual(total(one, one, one))).toBe("130");
  });

  it("T6c inclusive VAT of 15 % on $20 leaves $17.3913", () => {
    expect(mrr({ unitAmount: "20", interval: "month", inclusiveTaxPercent: "15" })).toBe("17.391304347826");
  });

  it("T6d JPY 12000 a year are ¥1000, KWD 5.120 a quarter 1.706667 KWD", () => {
    expect(mrr({ unitAmount: "12000", interval: "year" })).toBe("1000");
    expect(mrr({ unitAmount: "5.120", interval: "month", intervalCount: 3 })).toBe("1.706666666667");
  });

  it("T6e two 10 % coupons compound to 19 % off", () => {
    const ten = { percent: "10", duration: "forever" } as const;
    expect(mrr({ unitAmount: "100", interval: "month", discounts: [ten, ten] })).toBe("81");
  });

  it("T6f tiers: graduated 11700, volume 6300; 1001 in packages of 1000 are 2", () => {
    const tiers = [
      { upTo: 5, unitAmount: "1000", flatAmount: "4900" },
      { upTo: null, unitAmount: "900" },
    ];
    expect(formatDecimal(tieredAmount("graduated", tiers, 7))).toBe("11700");
    expect(formatDecimal(tieredAmount("volume", tiers, 7))).toBe("6300");
    expect(formatDecimal(tieredAmount("graduated", tiers, 5))).toBe("9900");
    expect(formatDecimal(tieredAmount("graduated", tiers, 0))).toBe("0");
    expect(() => tieredAmount("volume", [{ upTo: 5, unitAmount: "1" }], 6)).toThrow(RangeError);
    expect([packageCount(1001, 1000), packageCount(1001, 1000, "down"), packageCount(1000, 1000)]).toEqual([
      2, 1, 1,
    ]);
  });

  it("the percent comes before the amount, and the floor is 0", () => {
    const discounts = [
      { amount: "5", duration: "forever" },
      { percent: "50", duration: "forever" },
    ] as const;
    expect(mrr({ unitAmount: "20", interval: "month", discounts })).toBe("5");
    expect(mrr({ unitAmount: "8", interval: "month", discounts })).toBe("0");
  });

  it("the policy says which discounts count", () => {
    const item: RecurringItem = {
      unitAmount: "100",
      interval: "month",
      discounts: [
        { percent: "10", duration: "forever" },
        { percent: "20", duration: "repeating" },
        { percent: "50", duration: "once" },
      ],
    };
    const each = (["recurring", "forever_only", "all", "none"] as const).map((discounts) =>
      mrr(item, { discounts }),
    );
    expect(each).toEqual(["72", "90", "36", "100"]);
  });

  it("metered items are no MRR", () => {
    expect(annual({ unitAmount: "10", interval: "month", metered: true })).toBe("0");
  });

  it("cent amounts a week and a day are exact per year", () => {
    expect(annual({ unitAmount: "0.01", interval: "day" })).toBe("3.65");
    expect(annual({ unitAmount: "0.33", interval: "week" })).toBe("17.16");
  });

  it("the factor can be shown", () => {
    expect(formatDecimal(monthsOf("week", 1))).toBe("0.230769230769");
    expect([factorText("month", 3), factorText("year"), factorText("week"), factorText("day", 2)]).toEqual([
      "÷ 3",
      "÷ 12",
      "× 52/12",
      "× 365/(12 × 2)",
    ]);
    expect([intervalText("month"), intervalText("month", 3)]).toEqual(["month", "3 month"]);
    expect(() => monthsOf("month", 0)).toThrow(RangeError);
  });
});
