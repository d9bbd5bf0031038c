import { describe, expect, it } from "vitest";
import { applyBilling } from "#metrics/billing.ts";
import { mrrFromAnnual } from "#metrics/decimal.ts";
import type { SubscriptionState } from "#metrics/ledger.ts";
import { buildLedger } from "#metrics/movements.ts";
import { type PolicyPatch, resolvePolicy } from "#metrics/policy.ts";
import {
  at,
  type Body,
  coupon,
  discount,
  event,
  factsOf,
  invoice,
  item,
  line,
  price,
  subscription,
  type World,
} from "./testing-objects.ts";

/** From Stripe's objects to movements: '2026-01-01 new 250'. Days are those of UTC. */
function movementsOf(world: World, today = "2026-06-15", given: PolicyPatch = {}): string[] {
  const policy = resolvePolicy(given);
  const choice = policy.discounts === "forever_only" ? "forever" : policy.discounts;
  const states = factsOf(world).versions.map(
    (version): SubscriptionState => ({
      customerId: "cus_1",
      subscriptionId: version.subscriptionId,
      plan: version.plan,
      currency: version.currency,
      interval: version.interval,
      source: "stripe",
      fromDay: version.startedAt.slice(0, 10),
      toDay: version.endedAt?.slice(0, 10) ?? null,
      annual: version.annual[choice],
      status: version.status,
      pastDueSince: version.pastDueSince?.slice(0, 10) ?? null,
      cancelRequestedDay: version.cancelRequestedAt?.slice(0, 10) ?? null,
    }),
  );
  const settled = applyBilling(states, policy, today);
  const { movements } = buildLedger({ states: settled, rates: [], currency: "USD", policy });
  return movements
    .filter(({ day }) => day <= today)
    .map(({ day, kind, annual, cause }) => {
      const mrr = Number(mrrFromAnnual(annual)).toFixed(2).replace(/\.00$/, "");
      return `${day} ${kind} ${mrr}${cause === null ? "" : ` (${cause})`}`;
    });
}

const monthly = price("small-monthly", 2500);

describe("the movements of a customer", () => {
  it("ten of $25 are new 250", () => {
    const subscriptions = [subscription([item("si_1", monthly, { quantity: 10 })])];
    expect(movementsOf({ subscriptions })).toEqual(["2026-01-01 new 250"]);
  });

  it("10 % off for ever, the coupon told by its id alone, is new 22.50", () => {
    const subscriptions = [subscription([item("si_1", monthly)], { discounts: [discount("10OFF")] })];
    const world = { subscriptions, coupons: [coupon("10OFF", { percent_off: 10 })] };
    expect(movementsOf(world)).toEqual(["2026-01-01 new 22.50"]);
  });

  it("a one-off charge on the same invoice is none", () => {
    const oneOff = {
      ...line({ price: "shirt", amount: 1500, from: "2026-01-01", to: "2026-02-01" }),
      parent: {
        type: "invoice_item_details",
        invoice_item_details: { proration: false, subscription: "sub_1" },
      },
    };
    const plan = line({
      item: "si_1",
      price: "small-monthly",
      amount: 2500,
      from: "2026-01-01",
      to: "2026-02-01",
    });
    const invoices = [invoice("2026-01-01", [oneOff, plan])];
    expect(movementsOf({ subscriptions: [subscription([item("si_1", monthly)])], invoices })).toEqual([
      "2026-01-01 new 25",
    ]);
  });

  it("one whose first payment has not come is none, and one on trial once it is active: dated at the trial's end", () => {
    const given = (more: Body): World => ({ subscriptions: [subscription([item("si_1", monthly)], more)] });
    expect(movementsOf(given({ status: "incomplete" }))).toEqual([]);
    const trial = { trial_start: at("2026-03-30"), trial_end: at("2026-04-14") };
    expect(movementsOf(given({ ...trial, start_date: at("2026-03-30"), status: "trialing" }))).toEqual([]);
    expect(movementsOf(given({ ...trial, start_date: at("2026-03-30") }))).toEqual(["2026-04-14 new 25"]);
  });

  it("T7 four of Gold yearly, Silver beside it and away again, an end, and a return", () => {
    const gold = price("gold-yearly", 50_000, { interval: "year" });
    const goldSub = subscription([item("si_g", gold, { quantity: 4 })], {
      ...{ start_date: at("2025-01-10"), created: at("2025-01-10"), status: "canceled" },
      ...{ canceled_at: at("2025-12-01"), ended_at: at("2026-01-10") },
    });
    const silver = subscription([item("si_s", price("silver", 3000), { quantity: 2 })], {
      ...{ id: "sub_2", start_date: at("2025-03-01"), created: at("2025-03-01"), status: "canceled" },
      ...{ canceled_at: at("2025-06-01"), ended_at: at("2025-06-01") },
    });
    const back = subscription([item("si_b", price("gold", 5000), { quantity: 3 })], {
      ...{ id: "sub_3", start_date: at("2026-05-01"), created: at("2026-05-01") },
    });
    const world = { subscriptions: [back, silver, goldSub] };
    expect(movementsOf(world)).toEqual([
      "2025-01-10 new 166.67",
      "2025-03-01 expansion 60",
      "2025-06-01 contraction -60",
      "2026-01-10 churn -166.67",
      "2026-05-01 reactivation 150",
    ]);
    expect(movementsOf(world, "2026-06-15", { cancel: "request" })[3]).toBe("2025-12-01 churn -166.67");
  });

  it("T8 an upgrade on the first day is new at the higher price, a swap on one day is nothing", () => {
    const sub = (of: Body, more: Body = {}): Body =>
      subscription([item("si_1", of)], { start_date: at("2026-01-01T09:00:00Z"), ...more });
    const [small, large] = [price("a", 5000), price("b", 8000)];
    const upgrade = event("2026-01-01T15:00:00Z", "customer.subscription.updated", sub(large), {
      items: sub(small).items,
    });
    expect(movementsOf({ subscriptions: [sub(large)], events: [upgrade] })).toEqual(["2026-01-01 new 80"]);
    const gone = sub(small, {
      status: "canceled",
      canceled_at: at("2026-03-05T09:00:00Z"),
      ended_at: at("2026-03-05T09:00:00Z"),
    });
    const again = sub(small, { id: "sub_2", start_date: at("2026-03-05T15:00:00Z") });
    expect(movementsOf({ subscriptions: [gone, again] })).toEqual(["2026-01-01 new 50"]);
  });

  it("the end of a coupon is an expansion on its day, though nothing happens then", () => {
    const three = coupon("THREE", { percent_off: 50, duration: "repeating", duration_in_months: 3 });
    const discounts = [discount("THREE", { end: at("2026-04-01") })];
    const world = { subscriptions: [subscription([item("si_1", monthly)], { discounts })], coupons: [three] };
    expect(movementsOf(world)).toEqual(["2026-01-01 new 12.50", "2026-04-01 expansion 12.50"]);
    expect(movementsOf(world, "2026-06-15", { discounts: "forever_only" })).toEqual(["2026-01-01 new 25"]);
  });

  it("a coupon that takes off everything is churn because it is free", () => {
    const free = coupon("FREE", { percent_off: 100 });
    const given = discount("FREE", { id: "di_free", start: at("2026-03-01") });
    const world = {
      subscriptions: [subscription([item("si_1", monthly)], { discounts: [given] })],
      coupons: [free],
    };
    expect(movementsOf(world)).toEqual(["2026-01-01 new 25", "2026-03-01 churn -25 (free)"]);
  });

  it("a pause is churn, its end a reactivation; a loss for want of payment is dated where the last paid period ended", () => {
    const sub = (more: Body): Body => subscription([item("si_1", monthly)], more);
    const events = [
      event("2026-03-01", "customer.subscription.paused", sub({ status: "paused" }), { status: "active" }),
      event("2026-04-01", "customer.subscription.resumed", sub({}), { status: "paused" }),
    ];
    expect(movementsOf({ subscriptions: [sub({})], events })).toEqual([
      "2026-01-01 new 25",
      "2026-03-01 churn -25 (paused)",
      "2026-04-01 reactivation 25",
    ]);
    const failed = {
      ended_at: at("2026-06-12"),
      canceled_at: at("2026-06-12"),
      cancellation_details: { reason: "payment_failed" },
    };
    expect(movementsOf({ subscriptions: [sub({ status: "canceled", ...failed })] })).toEqual([
      "2026-01-01 new 25",
      "2026-06-01 churn -25 (involuntary)",
    ]);
  });

  it("what is planned is none until its day", () => {
    const phases = ["small-monthly", "large"].map((of, i) => ({
      ...{ start_date: at(["2026-01-01", "2026-09-01"][i]!), end_date: at(["2026-09-01", "2026-12-01"][i]!) },
      ...{ items: [{ price: of, quantity: 1 }], discounts: [], currency: "usd" },
    }));
    const schedule = {
      id: "sub_sched_1",
      status: "active",
      end_behavior: "release",
      subscription: "sub_1",
      phases,
      created: at("2026-01-01"),
    };
    const world = {
      subscriptions: [subscription([item("si_1", monthly)])],
      prices: [monthly, price("large", 4000)],
      schedules: [schedule],
    };
    expect(movementsOf(world)).toEqual(["2026-01-01 new 25"]);
    expect(movementsOf(world, "2026-09-01")).toEqual(["2026-01-01 new 25", "2026-09-01 expansion 15"]);
  });
});
