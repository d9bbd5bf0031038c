import fc from "fast-check";
import { addDays, type Day, daysBetween } from "#metrics/day.ts";
import { fromUnits, toUnits } from "#metrics/decimal.ts";
import type { FxRate, SubscriptionState } from "#metrics/ledger.ts";
import { type Policy, policyChoices, policyPresets, resolvePolicy } from "#metrics/policy.ts";
import type { FactCustomer, FactState, Facts } from "./testing-ledger.ts";

/**
 * Random facts for property tests: same-day events, several currencies, reactivations, days in the future. A world in the database
 * costs a quarter of a second and more, so a property asks of few at a time; each run of the suite draws others.
 */

export const firstDay: Day = "2024-11-01";
export const day = fc.integer({ min: 0, max: 640 }).map((offset) => addDays(firstDay, offset));
const cents = fc.integer({ min: 1, max: 900_000 }).map((value) => fromUnits(BigInt(value) * 10n ** 10n));
const customerIds = ["a1", "a2", "a3", "a4", "a5", "a6"];
const statuses = ["active", "trialing", "unpaid", "paused", "pause_collection", "past_due"] as const;

const state = fc
  .record({
    customerId: fc.constantFrom(...customerIds),
    subscriptionId: fc.constantFrom("s1", "s2", "s3"),
    plan: fc.constantFrom("Gold", "Silver", null),
    currency: fc.constantFrom("USD", "USD", "USD", "EUR", "JPY"),
    interval: fc.constantFrom("month", "year"),
    source: fc.constant("upload"),
    fromDay: fc.oneof(day, fc.constantFrom("2025-01-31", "2025-02-01", "2025-02-28", "2025-03-01")),
    length: fc.option(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 500 })), {
      nil: null,
    }),
    annual: fc.oneof({ arbitrary: cents, weight: 6 }, { arbitrary: fc.constant("0"), weight: 1 }),
    status: fc.oneof({ arbitrary: fc.constant("active" as const), weight: 8 }, fc.constantFrom(...statuses)),
    billing: fc.option(
      fc.record({
        since: fc.integer({ min: -40, max: 10 }),
        paid: fc.option(fc.integer({ min: 0, max: 60 }), { nil: null }),
        lost: fc.option(fc.integer({ min: 0, max: 400 }), { nil: null }),
        asked: fc.option(fc.integer({ min: -10, max: 90 }), { nil: null }),
      }),
      { nil: null, freq: 2 },
    ),
  })
  .map(
    ({ length, billing, ...rest }): SubscriptionState => ({
      ...rest,
      toDay: length === null ? null : addDays(rest.fromDay, length),
      ...(billing === null ? {} : billedAs(rest, billing)),
    }),
  );

/** What only a source tells of a version: late payment where its status says so, and when its cancellation was asked for. */
function billedAs(
  { fromDay, status }: Pick<SubscriptionState, "fromDay" | "status">,
  given: { since: number; paid: number | null; lost: number | null; asked: number | null },
): Partial<SubscriptionState> {
  const since = addDays(fromDay, given.since);
  const after = (days: number | null) => (days === null ? null : addDays(since, days));
  return {
    ...(status === "past_due"
      ? { pastDueSince: since, pastDuePaidDay: after(given.paid), pastDueLostDay: after(given.lost) }
      : {}),
    cancelRequestedDay: given.asked === null ? null : addDays(fromDay, given.asked),
  };
}

/** Chains in which one version ends on the day when the next begins, which independent days seldom do. */
const chain = fc
  .record({
    first: state,
    amounts: fc.array(cents, { minLength: 1, maxLength: 4 }),
    step: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ first, amounts, step }) =>
    amounts.map(
      (annual, i): SubscriptionState => ({
        ...first,
        annual,
        status: "active",
        fromDay: addDays(first.fromDay, i * step),
        toDay:
          i === amounts.length - 1
            ? first.toDay && addDays(first.fromDay, i * step + 20)
            : addDays(first.fromDay, (i + 1) * step),
      }),
    ),
  );

export const states = fc
  .array(
    fc.oneof(
      state.map((one) => [one]),
      chain,
    ),
    { maxLength: 12 },
  )
  .map((groups) => groups.flat());
export const plainStates = states.map((all) =>
  all.map(
    (one): SubscriptionState => ({
      ...one,
      currency: "USD",
      status: "active",
      cancelRequestedDay: null,
      annual: one.annual === "0" ? "12" : one.annual,
    }),
  ),
);

const rate = fc.integer({ min: 1, max: 3_000_000 }).map((value) => fromUnits(BigInt(value) * 1_000_000n));
export const rates: fc.Arbitrary<FxRate[]> = fc
  .record({
    direct: fc.uniqueArray(fc.record({ day, from: fc.constantFrom("EUR", "JPY"), rate }), {
      maxLength: 7,
      selector: (one) => `${one.from} ${one.day}`,
    }),
    inverse: fc.uniqueArray(fc.record({ day, rate }), { maxLength: 3, selector: (one) => one.day }),
  })
  .map(({ direct, inverse }) => [
    ...direct.map((one) => ({ ...one, to: "USD" })),
    ...inverse.map((one) => ({ ...one, from: "USD", to: "JPY" })),
  ]);

export const customers: fc.Arbitrary<FactCustomer[]> = fc
  .array(
    fc.record({
      country: fc.constantFrom("DE", "US", null),
      signupDay: fc.option(day, { nil: null }),
      size: fc.constantFrom("S", "L", null),
    }),
    { minLength: customerIds.length, maxLength: customerIds.length },
  )
  .map((given) =>
    given.map(({ country, signupDay, size }, i) => ({
      customerId: customerIds[i]!,
      country,
      signupDay,
      attributes: (size === null ? {} : { size }) as Record<string, string>,
    })),
  );

const choice = <Value>(...values: readonly Value[]) => fc.option(fc.constantFrom(...values), { nil: null });
const flag = fc.option(fc.boolean(), { nil: null });
/** Any preset with any own choices over it. Netting stays by day: facts have no times. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    preset: fc.constantFrom(...policyPresets),
    discounts: choice(...policyChoices.discounts),
    free_payer: choice(...policyChoices.free_payer),
    usage: choice(...policyChoices.usage),
    past_due: choice(...policyChoices.past_due),
    past_due_days: choice(1, 14, 400),
    paused: choice(...policyChoices.paused),
    pause_collection: choice(...policyChoices.pause_collection),
    cancel: choice(...policyChoices.cancel),
    return_after_days: choice(0, 30),
    new_and_churn: choice(...policyChoices.new_and_churn),
    churn_denominator: choice(...policyChoices.churn_denominator),
    net_churn_reactivation: flag,
    quick_ratio_reactivation: flag,
    cohort_cell: choice(...policyChoices.cohort_cell),
    cohort_average: choice(...policyChoices.cohort_average),
  })
  .map(resolvePolicy);

/** The versions as a policy values them: less the discounts that it counts. */
export const pricedBy = (states: readonly FactState[], { discounts }: Policy): FactState[] =>
  states.map((one) => {
    const amounts = {
      none: one.annualList,
      recurring: one.annualRecurring,
      forever_only: one.annualForever,
      all: one.annual,
    };
    return { ...one, annual: amounts[discounts] ?? one.annual };
  });

/** Customers who pay, then pause or pay nothing or are gone for a while, and some of whom come back: what rules are about. */
const breaks = fc.array(
  fc.record({
    from: day,
    paid: fc.integer({ min: 1, max: 200 }),
    pause: fc.integer({ min: 1, max: 90 }),
    as: fc.constantFrom("free", "gone", "paused", "pause_collection", "unpaid"),
    comesBack: fc.boolean(),
    amounts: fc.tuple(cents, cents),
  }),
  { minLength: 2, maxLength: 5 },
);
const breakStates = (
  given: (typeof breaks extends fc.Arbitrary<infer Value> ? Value : never)[number],
  i: number,
) => {
  const { from, paid, pause, as, comesBack, amounts } = given;
  const base = {
    ...{ customerId: `b${i}`, subscriptionId: "s", plan: "Gold", currency: "USD", interval: "month" },
    source: "upload",
  };
  const [left, back] = [addDays(from, paid), addDays(from, paid + pause)];
  const rest =
    as === "free" ? { annual: "0" } : { annual: amounts[0], status: as as SubscriptionState["status"] };
  const end = comesBack ? back : null;
  return [
    { ...base, fromDay: from, toDay: left, annual: amounts[0] },
    ...(as === "gone" ? [] : [{ ...base, fromDay: left, toDay: end, ...rest }]),
    ...(comesBack ? [{ ...base, fromDay: back, toDay: null, annual: amounts[1] }] : []),
  ] as SubscriptionState[];
};

/** An organisation's facts of every kind that a metric is made of. */
export const worlds: fc.Arbitrary<Required<Facts>> = fc
  .record({
    states: fc.tuple(states, breaks).map(([some, others]) => [...some, ...others.flatMap(breakStates)]),
    rates,
    customers,
    discounted: fc.array(fc.constantFrom("not", "told", "told by kind"), { minLength: 80, maxLength: 80 }),
    activities: fc.array(
      fc.record({
        customerId: fc.constantFrom(...customerIds),
        day,
        amount: cents,
        currency: fc.constantFrom("USD", "USD", "USD", "EUR"),
      }),
      { maxLength: 12 },
    ),
    spend: fc.array(
      fc.record({ month: day.map((one) => one.slice(0, 7)), amount: fc.constantFrom("100", "2500.5") }),
      { maxLength: 8 },
    ),
  })
  .map(({ discounted, ...world }) => ({
    ...world,
    customers: world.customers.map((one, i) => ({ ...one, excluded: i === 5 })),
    states: world.states.map((one, i): FactState => {
      const dearer = (amount: string) => fromUnits(toUnits(one.annual) + toUnits(amount));
      if (discounted[i] === "told") return { ...one, annualList: dearer("600") };
      if (discounted[i] !== "told by kind") return one;
      return {
        ...one,
        annualList: dearer("600"),
        annualForever: dearer("240"),
        annualRecurring: dearer("120"),
      };
    }),
  }));

/** The same facts at other days: half of a world's days are still to come, and some of those in the running month. */
export function aroundToday(
  facts: Required<Pick<Facts, "states" | "rates" | "customers">>,
  today: Day,
): Facts {
  const moved = (day: Day): Day => addDays(day, daysBetween(firstDay, today) - 320);
  const movedIf = (day: Day | null | undefined) => day && moved(day);
  return {
    states: facts.states.map((one) => ({
      ...one,
      fromDay: moved(one.fromDay),
      toDay: one.toDay && moved(one.toDay),
      pastDueSince: movedIf(one.pastDueSince),
      pastDuePaidDay: movedIf(one.pastDuePaidDay),
      pastDueLostDay: movedIf(one.pastDueLostDay),
      cancelRequestedDay: movedIf(one.cancelRequestedDay),
    })),
    rates: facts.rates.map((one) => ({ ...one, day: moved(one.day) })),
    customers: facts.customers,
  };
}

/** Customers that come, change and go several times in and about one month. */
export const crowdedMonth = (month: Day): fc.Arbitrary<SubscriptionState[]> =>
  fc.array(
    fc
      .record({
        customerId: fc.constantFrom(...customerIds),
        subscriptionId: fc.constantFrom("s1", "s2", "s3"),
        plan: fc.constantFrom("Gold", "Gold", "Silver"),
        currency: fc.constantFrom("USD", "USD", "EUR"),
        ...{ interval: fc.constant("month"), source: fc.constant("upload") },
        from: fc.integer({ min: -25, max: 40 }),
        length: fc.option(fc.integer({ min: 1, max: 20 }), { nil: null, freq: 8 }),
        annual: cents,
      })
      .map(({ from, length, ...rest }) => {
        const fromDay = addDays(month, from);
        return { ...rest, fromDay, toDay: length === null ? null : addDays(fromDay, length) };
      }),
    { minLength: 15, maxLength: 40 },
  );
