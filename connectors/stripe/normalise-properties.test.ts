import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KnownObjects } from "#connectors/connector.ts";
import type { CustomerFacts } from "#contracts/source-facts.ts";
import { compare, parseDecimal } from "#metrics/decimal.ts";
import { normaliseStripe } from "./normalise.ts";
import {
  at,
  type Body,
  coupon,
  discount,
  event,
  invoice,
  item,
  knownOf,
  line,
  price,
  subscription,
  type World,
} from "./testing-objects.ts";

/** Whatever a subscription lived through, some rules hold of what is made of it. */

const prices = [
  price("small", 2000),
  price("large", 5000),
  price("yearly", 60_000, { interval: "year" }),
  price("tiered", null, {
    tiers_mode: "graduated",
    tiers: [
      { up_to: 2, flat_amount: 100, unit_amount: 300 },
      { up_to: null, unit_amount: 200 },
    ],
  }),
  price("usage", 3, { usage_type: "metered" }),
];
const coupons = [
  coupon("TEN", { percent_off: 10 }),
  coupon("MONTHS", { percent_off: 30, duration: "repeating", duration_in_months: 3 }),
  coupon("FIRST", { amount_off: 700, currency: "usd", duration: "once" }),
  coupon("OFF", { amount_off: 4000, currency: "usd", duration: "repeating", duration_in_months: 2 }),
  coupon("SOME", { amount_off: 900, currency: "usd", applies_to: { products: ["prod_large"] } }),
];

const days = (many: number): string => new Date(Date.UTC(2026, 0, 1 + many)).toISOString();
const day = fc.integer({ min: 1, max: 160 });

const itemState = fc.record({
  price: fc.constantFrom(...prices),
  quantity: fc.integer({ min: 0, max: 9 }),
  coupon: fc.option(fc.constantFrom("TEN", "FIRST", "SOME"), { nil: null }),
});
const state = fc.record({
  items: fc.array(itemState, { minLength: 1, maxLength: 3 }),
  coupons: fc.uniqueArray(fc.constantFrom("TEN", "MONTHS", "FIRST", "OFF", "SOME"), { maxLength: 2 }),
  status: fc.constantFrom(
    "active",
    "active",
    "active",
    "trialing",
    "past_due",
    "unpaid",
    "paused",
    "incomplete",
  ),
  pausedCollection: fc.boolean(),
});
type State = typeof state extends fc.Arbitrary<infer S> ? S : never;

/** A body as Stripe would give it; a discount has the same id wherever it stands. */
function bodyOf(given: State, more: Body = {}): Body {
  const given1 = (id: string, place: string): Body =>
    discount(id, {
      id: `di_${id}_${place}`,
      end: id === "MONTHS" ? at("2026-04-01") : id === "OFF" ? at("2026-03-01") : null,
    });
  return subscription(
    given.items.map((one, i) =>
      item(`si_${i}`, one.price, {
        quantity: one.quantity,
        discounts: one.coupon ? [given1(one.coupon, `item${i}`)] : [],
      }),
    ),
    {
      status: given.status,
      discounts: given.coupons.map((id) => given1(id, "sub")),
      trial_start: given.status === "trialing" ? at("2026-01-01") : null,
      trial_end: given.status === "trialing" ? at("2026-07-10") : null,
      pause_collection: given.pausedCollection ? { behavior: "void", resumes_at: null } : null,
      ...more,
    },
  );
}

const ending = fc.constantFrom<Body>(
  {},
  {},
  { cancel_at_period_end: true, canceled_at: at("2026-06-10") },
  { status: "canceled", canceled_at: at("2026-06-12"), ended_at: at("2026-06-12") },
  {
    status: "canceled",
    canceled_at: at("2026-06-12"),
    ended_at: at("2026-06-12"),
    cancellation_details: { reason: "payment_failed" },
  },
);

const invoices = fc.array(
  fc.record({
    on: day,
    of: fc.constantFrom(...prices),
    item: fc.integer({ min: 0, max: 3 }),
    quantity: fc.integer({ min: 0, max: 4 }),
    amount: fc.integer({ min: -3000, max: 6000 }),
    proration: fc.constantFrom(undefined, undefined, "flexible" as const, "classic" as const),
    status: fc.constantFrom("paid", "paid", "open", "void", "draft", "uncollectible"),
  }),
  { maxLength: 6 },
);

const world: fc.Arbitrary<World> = fc
  .record({
    states: fc.array(state, { minLength: 1, maxLength: 4 }),
    on: fc.array(day, { minLength: 3, maxLength: 3 }),
    ending,
    invoices,
  })
  .map(({ states, on, ending: end, invoices: given }) => {
    const instants = [...new Set(on)].sort((a, b) => a - b);
    const events = states.slice(1, instants.length + 1).map((after, i) => {
      const before = bodyOf(states[i]!);
      return event(days(instants[i]!), "customer.subscription.updated", bodyOf(after), before);
    });
    return {
      prices,
      coupons,
      events,
      subscriptions: [bodyOf(states[Math.min(states.length - 1, instants.length)]!, end)],
      invoices: given.map((one) =>
        invoice(
          days(one.on),
          [
            line({
              item: `si_${one.item}`,
              price: String(one.of.id),
              amount: one.amount,
              quantity: one.quantity,
              from: days(one.on),
              to: days(one.on + 30),
              ...(one.proration ? { proration: one.proration } : {}),
            }),
          ],
          { status: one.status },
        ),
      ),
    };
  });

const withKnown = (given: World, change: (known: KnownObjects) => KnownObjects): CustomerFacts =>
  normaliseStripe(change(knownOf(given)));
const runs = { numRuns: 150 };

describe("of every subscription", () => {
  it("versions of one key never overlap, have a length, and two that touch differ", () => {
    fc.assert(
      fc.property(world, (given) => {
        const { versions } = withKnown(given, (known) => known);
        for (const [, list] of Map.groupBy(versions, ({ key }) => key))
          list.forEach((version, i) => {
            if (version.endedAt !== null) expect(version.startedAt < version.endedAt).toBe(true);
            const before = list[i - 1];
            if (before) expect(before.endedAt !== null && before.endedAt <= version.startedAt).toBe(true);
          });
      }),
      runs,
    );
  });

  it("the more discounts count the less it is worth, and never less than nothing", () => {
    fc.assert(
      fc.property(world, (given) => {
        for (const { annual } of withKnown(given, (known) => known).versions) {
          const amounts = ["0", annual.all, annual.recurring, annual.forever, annual.none].map(parseDecimal);
          amounts.slice(1).forEach((amount, i) => {
            expect(compare(amount, amounts[i]!)).toBeGreaterThanOrEqual(0);
          });
        }
      }),
      runs,
    );
  });

  it("the order of objects and events says nothing, nor does hearing of them twice", () => {
    fc.assert(
      fc.property(world, fc.infiniteStream(fc.integer()), (given, keys) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((one) => ({ one, key: keys.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
        const facts = withKnown(given, (known) => known);
        const mixed = withKnown(given, (known) => ({
          ...known,
          own: new Map(shuffled([...known.own]).map(([stream, objects]) => [stream, shuffled(objects)])),
          events: shuffled([...known.events, ...known.events]),
        }));
        expect(mixed).toEqual(facts);
      }),
      runs,
    );
  });

  it("when it is asked for says nothing", () => {
    fc.assert(
      fc.property(world, (given) => {
        const later = withKnown(given, (known) => ({ ...known, now: known.now + 86_400 * 400 }));
        expect(later).toEqual(withKnown(given, (known) => known));
      }),
      runs,
    );
  });
});
