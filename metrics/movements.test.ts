import { describe, expect, it } from "vitest";
import { mrrFromAnnual } from "./decimal.ts";
import type { FxRate, Ledger, SubscriptionState } from "./ledger.ts";
import { buildLedger, type LedgerInput } from "./movements.ts";
import { annualOf } from "./normalise.ts";
import { type PolicyPatch, resolvePolicy } from "./policy.ts";
import { ledgerOf, lines, state } from "./testing.ts";

const withPolicy = (policy: PolicyPatch, ...states: SubscriptionState[]): Ledger =>
  buildLedger({ states, rates: [], currency: "USD", policy: resolvePolicy(policy) });

const eurusd = (day: string, rate: string): FxRate => ({ day, from: "EUR", to: "USD", rate });
const inDollars = (states: SubscriptionState[], rates: FxRate[], rest: Partial<LedgerInput> = {}): Ledger =>
  buildLedger({ states, rates, currency: "USD", policy: resolvePolicy(), ...rest });

describe("movements", () => {
  it("T7 new, expansion, contraction, churn, reactivation of one customer", () => {
    const gold = annualOf({ unitAmount: "500", quantity: "4", interval: "year" }, resolvePolicy()).annual;
    const { movements } = ledgerOf(
      state({ fromDay: "2025-01-10", toDay: "2026-01-10", annual: gold }),
      state({
        subscriptionId: "s2",
        plan: "Silver",
        fromDay: "2025-03-01",
        toDay: "2025-06-01",
        annual: "720",
      }),
      state({ subscriptionId: "s3", fromDay: "2026-05-01", annual: "1800" }),
    );
    expect(movements.map(({ kind, annual }) => [kind, Number(mrrFromAnnual(annual)).toFixed(2)])).toEqual([
      ["new", "166.67"],
      ["expansion", "60.00"],
      ["contraction", "-60.00"],
      ["churn", "-166.67"],
      ["reactivation", "150.00"],
    ]);
    expect(movements.map(({ subscriptionId }) => subscriptionId)).toEqual(["s1", "s2", "s2", "s1", "s3"]);
    expect(new Set(movements.map(({ cohortDay }) => cohortDay))).toEqual(new Set(["2025-01-10"]));
    expect(new Set(movements.map(({ initialAnnual }) => initialAnnual))).toEqual(new Set(["2000"]));
  });

  const morning = { fromDay: "2026-01-05", fromTime: "09:00:00", toDay: "2026-01-05", toTime: "15:00:00" };

  it("T8 new 50 and upgrade to 80 on one day are one new 80", () => {
    const states = [
      state({ ...morning, annual: "600" }),
      state({ fromDay: "2026-01-05", fromTime: "15:00:00", annual: "960" }),
    ];
    expect(lines(ledgerOf(...states).movements)).toEqual(["2026-01-05 new 960"]);
    expect(lines(withPolicy({ netting: "none" }, ...states).movements)).toEqual([
      "2026-01-05 new 600",
      "2026-01-05 expansion 360",
    ]);
  });

  it("T8 cancelling 50 and buying 50 on one day is no movement", () => {
    const states = [
      state({ fromDay: "2025-12-01", toDay: "2026-01-05", toTime: "09:00:00", annual: "600" }),
      state({ subscriptionId: "s2", fromDay: "2026-01-05", fromTime: "15:00:00", annual: "600" }),
    ];
    expect(lines(ledgerOf(...states).movements)).toEqual(["2025-12-01 new 600"]);
    expect(lines(withPolicy({ netting: "none" }, ...states).movements).slice(1)).toEqual([
      "2026-01-05 churn -600",
      "2026-01-05 reactivation 600",
    ]);
  });

  it("T10 EUR 100 flat while EURUSD goes from 1.10 to 1.20: MRR 110 → 120, no movement, fx +10", () => {
    const { movements } = inDollars(
      [state({ fromDay: "2026-01-15", annual: "1200", currency: "EUR" })],
      [eurusd("2026-01-01", "1.10"), eurusd("2026-02-01", "1.20")],
    );
    expect(lines(movements)).toEqual(["2026-01-15 new 1320", "2026-02-01 fx 120"]);
  });

  it("a change on the day of a new rate is compared at that rate, after the drift", () => {
    const { movements } = inDollars(
      [
        state({ fromDay: "2026-01-15", toDay: "2026-02-01", annual: "1200", currency: "EUR" }),
        state({ fromDay: "2026-02-01", annual: "2400", currency: "EUR" }),
      ],
      [eurusd("2026-01-01", "1"), eurusd("2026-02-01", "1.5")],
    );
    expect(lines(movements)).toEqual([
      "2026-01-15 new 1200",
      "2026-02-01 fx 600",
      "2026-02-01 expansion 1800",
    ]);
    expect(movements[2]?.beforeAnnual).toBe("1800");
  });

  it("an inverse pair serves where the pair itself has no rate at all", () => {
    const { movements } = inDollars(
      [state({ fromDay: "2026-01-15", annual: "1200", currency: "EUR" })],
      [{ day: "2026-01-01", from: "USD", to: "EUR", rate: "0.8" }],
    );
    expect(lines(movements)).toEqual(["2026-01-15 new 1500"]);
  });

  it("without a rate an amount counts 0, is marked, and enters on the first day that has one", () => {
    const euro = state({ fromDay: "2026-01-15", annual: "1200", currency: "EUR" });
    const ledger = inDollars([euro], [eurusd("2026-02-01", "1.10")]);
    expect(lines(ledger.movements)).toEqual(["2026-02-01 new 1320"]);
    expect(ledger.unvalued).toEqual([
      { customerId: "c1", currency: "EUR", fromDay: "2026-01-15", toDay: "2026-02-01" },
    ]);
    expect(inDollars([euro], []).unvalued).toMatchObject([{ fromDay: "2026-01-15", toDay: null }]);
  });

  it("100 % off a payer is churn with the reason free, or stays active at 0", () => {
    const states = [
      state({ fromDay: "2026-01-01", toDay: "2026-02-01", annual: "600" }),
      state({ fromDay: "2026-02-01", toDay: "2026-03-01", annual: "0" }),
      state({ fromDay: "2026-03-01", annual: "600" }),
    ];
    const { movements } = ledgerOf(...states);
    expect(movements.map(({ kind, cause }) => [kind, cause])).toEqual([
      ["new", null],
      ["churn", "free"],
      ["reactivation", null],
    ]);
    expect(lines(withPolicy({ free_payer: "active" }, ...states).movements)).toEqual([
      "2026-01-01 new 600",
      "2026-02-01 contraction -600",
      "2026-03-01 expansion 600",
    ]);
    expect(lines(withPolicy({ free_payer: "active" }, ...states.slice(0, 2)).movements)).toEqual([
      "2026-01-01 new 600",
      "2026-02-01 contraction -600",
      "2026-03-01 churn 0",
    ]);
  });

  it("free before the first payment is no customer: free → paid is new", () => {
    const { movements } = ledgerOf(
      state({ fromDay: "2026-01-01", toDay: "2026-02-01", annual: "0" }),
      state({ fromDay: "2026-02-01", annual: "600" }),
    );
    expect(lines(movements)).toEqual(["2026-02-01 new 600"]);
  });

  it("a return is a reactivation after any gap, or new after N days where the policy says so", () => {
    const states = [
      state({ fromDay: "2026-01-01", toDay: "2026-02-01", annual: "600" }),
      state({ fromDay: "2026-03-03", annual: "1200" }),
    ];
    expect(ledgerOf(...states).movements.at(-1)?.kind).toBe("reactivation");
    expect(withPolicy({ return_after_days: 30 }, ...states).movements.at(-1)?.kind).toBe("reactivation");
    expect(withPolicy({ return_after_days: 29 }, ...states).movements.at(-1)).toMatchObject({
      kind: "new",
      cohortDay: "2026-01-01",
      initialAnnual: "600",
    });
  });

  it("T-edge a subscription that ends on 1 February is active at January's end; one that ends on 31 January is not", () => {
    const ends = (toDay: string) =>
      ledgerOf(state({ fromDay: "2025-12-01", toDay, annual: "600" })).movements;
    expect(lines(ends("2026-02-01")).at(-1)).toBe("2026-02-01 churn -600");
    expect(lines(ends("2026-01-31")).at(-1)).toBe("2026-01-31 churn -600");
  });

  it("a swap out of a filter is churn moved, a swap into it new moved; dropping one of two is not a swap", () => {
    const gold = state({ fromDay: "2026-01-01", toDay: "2026-02-01", annual: "600" });
    const silver = state({ plan: "Silver", fromDay: "2026-02-01", annual: "360" });
    const on = (plan: string, ...states: SubscriptionState[]) =>
      inDollars(states, [], { matches: (given) => given.plan === plan }).movements.map(({ kind, cause }) => [
        kind,
        cause,
      ]);
    expect(on("Gold", gold, silver)).toEqual([
      ["new", null],
      ["churn", "moved"],
    ]);
    expect(on("Silver", gold, silver)).toEqual([["new", "moved"]]);
    const second = { ...silver, subscriptionId: "s2", fromDay: "2026-01-01" };
    expect(on("Gold", gold, second).at(-1)).toEqual(["churn", null]);
  });

  it("exchange-rate drift of what the filter leaves out is no swap", () => {
    const gold = state({ fromDay: "2026-01-01", toDay: "2026-02-01", annual: "600" });
    const euro = state({
      subscriptionId: "s2",
      plan: "Silver",
      fromDay: "2026-01-01",
      annual: "600",
      currency: "EUR",
    });
    const { movements } = inDollars([gold, euro], [eurusd("2026-01-01", "1"), eurusd("2026-02-01", "2")], {
      matches: ({ plan }) => plan === "Gold",
    });
    expect(movements.at(-1)).toMatchObject({ kind: "churn", cause: null });
  });

  it("merging two customers replays the union of their states; the cohort is the earliest first paid day", () => {
    const { movements } = ledgerOf(
      state({ fromDay: "2026-02-01", annual: "600" }),
      state({ subscriptionId: "s2", fromDay: "2026-01-01", toDay: "2026-03-01", annual: "360" }),
    );
    expect(lines(movements)).toEqual([
      "2026-01-01 new 360",
      "2026-02-01 expansion 600",
      "2026-03-01 contraction -360",
    ]);
    expect(movements[2]?.cohortDay).toBe("2026-01-01");
  });
});
