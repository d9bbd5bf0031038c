import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeComposition } from "./composition.ts";
import { addDays } from "./day.ts";
import { divide, exact, formatDecimal, fromUnits, parseDecimal, toUnits } from "./decimal.ts";
import { createExchange } from "./exchange.ts";
import { isBalanced } from "./formulas.ts";
import { listHistories } from "./history.ts";
import type { FxRate, SubscriptionState } from "./ledger.ts";
import { computeMetrics } from "./metrics.ts";
import { buildLedger } from "./movements.ts";
import { grains, listPeriods } from "./period.ts";
import { sumPeriod } from "./period-sums.ts";
import { policyChoices, resolvePolicy } from "./policy.ts";

const day = fc.integer({ min: 0, max: 500 }).map((offset) => addDays("2025-01-01", offset));
const money = (most: number) =>
  fc.integer({ min: 1, max: most }).map((cents) => formatDecimal(divide(exact(cents), exact(100))));

const states: fc.Arbitrary<SubscriptionState[]> = fc.array(
  fc
    .record({
      customerId: fc.constantFrom("c1", "c2", "c3", "c4"),
      subscriptionId: fc.constantFrom("s1", "s2", "s3"),
      plan: fc.constantFrom("Gold", "Silver", null),
      currency: fc.constantFrom("USD", "EUR", "JPY"),
      interval: fc.constantFrom("month", "year"),
      source: fc.constant("upload"),
      fromDay: day,
      length: fc.option(fc.integer({ min: 0, max: 200 }), { nil: null }),
      annual: fc.oneof(
        { arbitrary: money(1_000_000), weight: 6 },
        { arbitrary: fc.constant("0"), weight: 1 },
      ),
    })
    .map(({ length, ...rest }) => ({
      ...rest,
      toDay: length === null ? null : addDays(rest.fromDay, length),
    })),
  { maxLength: 14 },
);
const rates: fc.Arbitrary<FxRate[]> = fc.uniqueArray(
  fc.record({
    day,
    from: fc.constantFrom("EUR", "JPY"),
    to: fc.constant("USD"),
    rate: fc.integer({ min: 1, max: 3_000_000 }).map((value) => fromUnits(BigInt(value) * 1_000_000n)),
  }),
  { maxLength: 8, selector: (rate) => `${rate.from} ${rate.day}` },
);
const policies = fc
  .record({
    free_payer: fc.constantFrom(...policyChoices.free_payer),
    return_after_days: fc.constantFrom(null, 0, 30),
    new_and_churn: fc.constantFrom(...policyChoices.new_and_churn),
  })
  .map(resolvePolicy);
const asOfs = day;

const build = (given: SubscriptionState[], known: FxRate[], policy = resolvePolicy()) =>
  buildLedger({ states: given, rates: known, currency: "USD", policy });

describe("any ledger", () => {
  it("start + movements + fx = end, in every grain", () => {
    fc.assert(
      fc.property(
        states,
        rates,
        policies,
        asOfs,
        fc.constantFrom(...grains),
        (given, known, policy, asOf, grain) => {
          const ledger = build(given, known, policy);
          const histories = listHistories(ledger);
          let end = "0";
          for (const period of listPeriods("2025-01-01", "2025-04-30", grain)) {
            const sums = sumPeriod(histories, ledger.unvalued, period, asOf);
            if (sums.phase === "future") break;
            expect(isBalanced(sums)).toBe(true);
            expect(sums.startAnnual).toBe(end);
            end = sums.endAnnual;
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("the sum of movements up to a day is the value of what is live on it", () => {
    fc.assert(
      fc.property(states, rates, policies, day, (given, known, policy, at) => {
        const ledger = build(given, known, policy);
        const exchange = createExchange(known, "USD");
        const live = given.filter((one) => one.fromDay <= at && (one.toDay === null || one.toDay > at));
        const worth = live.reduce(
          (all, one) => all + toUnits(exchange.findValue(one.annual, one.currency, at) ?? "0"),
          0n,
        );
        const moved = ledger.movements
          .filter((row) => row.day <= at)
          .reduce((all, row) => all + toUnits(row.annual), 0n);
        expect(moved).toBe(worth);
      }),
    );
  });

  it("each row begins where the one before it ended; per day at most one fx row, then one movement", () => {
    fc.assert(
      fc.property(states, rates, policies, (given, known, policy) => {
        for (const { rows } of listHistories(build(given, known, policy))) {
          let amount = 0n;
          for (const [index, row] of rows.entries()) {
            expect(toUnits(row.beforeAnnual)).toBe(amount);
            amount += toUnits(row.annual);
            const next = rows[index + 1];
            if (next?.day === row.day) expect([row.kind === "fx", next.kind === "fx"]).toEqual([true, false]);
            if (row.kind === "new" || row.kind === "expansion" || row.kind === "reactivation")
              expect(toUnits(row.annual) > 0n).toBe(true);
            if (row.kind === "churn") expect(amount).toBe(0n);
          }
        }
      }),
    );
  });

  it("the order of states and rates does not matter", () => {
    fc.assert(
      fc.property(states, rates, fc.integer({ min: 1, max: 97 }), (given, known, seed) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((item, index) => ({ item, key: (index * seed + seed) % 101 }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
        expect(build(shuffled(given), shuffled(known))).toEqual(build(given, known));
      }),
    );
  });

  it("plans add up to the whole, in movements and in composition", () => {
    fc.assert(
      fc.property(states, rates, day, (given, known, at) => {
        const sumOf = (matches?: (one: SubscriptionState) => boolean) =>
          buildLedger({ states: given, rates: known, currency: "USD", policy: resolvePolicy(), matches })
            .movements.filter((row) => row.day <= at)
            .reduce((all, row) => all + toUnits(row.annual), 0n);
        const parts = ["Gold", "Silver", null].map((plan) => sumOf((one) => one.plan === plan));
        expect(parts.reduce((all, part) => all + part, 0n)).toBe(sumOf());
        const { total, parts: shown } = computeComposition({
          states: given,
          rates: known,
          currency: "USD",
          at,
          by: "plan",
        });
        if (total === null) return;
        const shownSum = shown.reduce((all, { mrr }) => all + toUnits(mrr), 0n);
        const difference = shownSum - toUnits(total);
        // each part is rounded once for output
        expect(difference >= -3n && difference <= 3n).toBe(true);
        expect(toUnits(total)).toBe(
          toUnits(formatDecimal(divide(parseDecimal(fromUnits(sumOf())), exact(12)))),
        );
      }),
    );
  });

  it("GRR is never above 100 %, flow GRR is 1 − gross churn, and no value is NaN or infinite", () => {
    fc.assert(
      fc.property(states, rates, policies, asOfs, (given, known, policy, asOf) => {
        const points = computeMetrics(
          ["grr", "grr_flow", "gross_mrr_churn_rate", "nrr", "ltv", "quick_ratio"],
          {
            ledger: build(given, known, policy),
            periods: ["2025-12", "2026-03"],
            policy,
            asOf,
            today: asOf,
            coveredUntil: null,
          },
        );
        for (const list of Object.values(points))
          for (const { value, reason } of list) {
            expect(value === null).toBe(reason !== null);
            if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
          }
        for (const { value } of points.grr) expect(Number(value ?? 0)).toBeLessThanOrEqual(1);
        for (const [index, flow] of points.grr_flow.entries()) {
          expect(Number(flow.value ?? 0)).toBeLessThanOrEqual(1);
          const gross = points.gross_mrr_churn_rate[index]?.value;
          if (typeof gross === "number") expect(flow.value).toBeCloseTo(1 - gross, 12);
        }
      }),
      { numRuns: 60 },
    );
  });
});
