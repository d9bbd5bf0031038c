import { describe, expect, it } from "vitest";
import {
  at,
  type Body,
  event,
  factsOf,
  invoice,
  item,
  line,
  linesOf,
  price,
  subscription,
} from "./testing-objects.ts";

const small = price("small", 2000);
const sub = (more: Body): Body => subscription([item("si_1", small)], more);
const lines = (more: Body, world: { events?: Body[]; invoices?: Body[] } = {}): string[] =>
  linesOf({ subscriptions: [sub(more)], prices: [small], ...world });
const renewal = (month: number, more: Body): Body =>
  invoice(
    `2026-0${month}-01`,
    [
      line({
        item: "si_1",
        price: "small",
        amount: 2000,
        from: `2026-0${month}-01`,
        to: `2026-0${month + 1}-01`,
      }),
    ],
    more,
  );
const unpaid = { status: "open", status_transitions: { paid_at: null } };

describe("trials", () => {
  it("a trial is one until it is seen to be over, whatever the clock says", () => {
    const trial = { status: "trialing", trial_start: at("2026-01-01"), trial_end: at("2026-01-15") };
    const { versions } = factsOf({ subscriptions: [sub(trial)] });
    expect(versions).toMatchObject([
      { status: "trialing", endedAt: null, trialEnd: "2026-01-15T00:00:00.000Z" },
    ]);
  });

  it("what follows it is dated at its end, also where an event came later", () => {
    const trial = { trial_start: at("2026-01-01"), trial_end: at("2026-01-15") };
    const expected = ["2026-01-01 → 2026-01-15 trialing 20", "2026-01-15 → … active 20"];
    expect(lines(trial)).toEqual(expected);
    const over = event("2026-01-15T01:02:03Z", "customer.subscription.updated", sub(trial), {
      status: "trialing",
    });
    expect(lines(trial, { events: [over] })).toEqual(expected);
  });

  it("one that ended without a payment method is paused from its end", () => {
    const trial = { status: "paused", trial_start: at("2026-01-01"), trial_end: at("2026-01-15") };
    expect(lines(trial)).toEqual(["2026-01-01 → 2026-01-15 trialing 20", "2026-01-15 → … paused 20"]);
  });
});

describe("subscriptions that are none yet", () => {
  it("incomplete and expired ones have no versions, with an open invoice too", () => {
    expect(lines({ status: "incomplete" }, { invoices: [renewal(1, unpaid)] })).toEqual([]);
    expect(lines({ status: "incomplete_expired", ended_at: at("2026-01-02") })).toEqual([]);
  });

  it("one whose first payment came later begins then", () => {
    const events = [
      event("2026-01-01", "customer.subscription.created", sub({ status: "incomplete" })),
      event("2026-01-02", "customer.subscription.updated", sub({}), { status: "incomplete" }),
    ];
    expect(lines({}, { events })).toEqual(["2026-01-02 → … active 20"]);
  });
});

describe("pauses", () => {
  it("a paused subscription pays nothing from the pause on, and again from its resumption", () => {
    const paused = { status: "paused", status_details: { paused: { transitioned_at: at("2026-03-01") } } };
    expect(lines(paused)).toEqual(["2026-01-01 → 2026-03-01 active 20", "2026-03-01 → … paused 20"]);
    const events = [
      event("2026-03-01T00:00:01Z", "customer.subscription.paused", sub(paused), { status: "active" }),
      event("2026-04-01", "customer.subscription.resumed", sub({}), { status: "paused" }),
    ];
    expect(lines({}, { events })).toEqual([
      "2026-01-01 → 2026-03-01 active 20",
      "2026-03-01 → 2026-04-01 paused 20",
      "2026-04-01 → … active 20",
    ]);
  });

  it("a pause of the collection is another state, and ends when it says", () => {
    const collection = { pause_collection: { behavior: "void", resumes_at: at("2026-08-01") } };
    const began = event("2026-05-01", "customer.subscription.updated", sub(collection), {
      pause_collection: null,
    });
    expect(lines(collection, { events: [began] })).toEqual([
      "2026-01-01 → 2026-05-01 active 20",
      "2026-05-01 → 2026-08-01 pause_collection 20",
      "2026-08-01 → … active 20",
    ]);
    expect(lines(collection)[1]).toBe("2026-06-15T12:00:00.000Z → 2026-08-01 pause_collection 20 (inferred)");
  });
});

describe("payments that do not come", () => {
  const due = renewal(6, unpaid);

  it("past due begins at the end of the last paid period, which is told", () => {
    const { versions } = factsOf({ subscriptions: [sub({ status: "past_due" })], invoices: [due] });
    expect(versions.map(({ status, startedAt, pastDueSince }) => [status, startedAt, pastDueSince])).toEqual([
      ["active", "2026-01-01T00:00:00.000Z", null],
      ["past_due", "2026-06-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z"],
    ]);
    // without invoices the current period is the one that is not paid
    expect(lines({ status: "past_due" })).toEqual([
      "2026-01-01 → 2026-06-01 active 20",
      "2026-06-01 → … past_due 20",
    ]);
  });

  it("one that was paid after all was past due until then", () => {
    const paid = renewal(4, { status_transitions: { paid_at: at("2026-04-09") } });
    const events = [
      event("2026-04-01T01:00:00Z", "customer.subscription.updated", sub({ status: "past_due" }), {
        status: "active",
      }),
      event("2026-04-09", "customer.subscription.updated", sub({}), { status: "past_due" }),
    ];
    expect(lines({}, { events, invoices: [paid] })).toEqual([
      "2026-01-01 → 2026-04-01 active 20",
      "2026-04-01 → 2026-04-09 past_due 20",
      "2026-04-09 → … active 20",
    ]);
  });

  it("unpaid is dated at the end of the last paid period", () => {
    const invoices = [renewal(4, unpaid), renewal(5, unpaid), due];
    expect(lines({ status: "unpaid" }, { invoices })).toEqual([
      "2026-01-01 → 2026-04-01 active 20",
      "2026-04-01 → … unpaid 20",
    ]);
  });

  it("a cancellation for want of a payment is a loss from there on, one by somebody is not", () => {
    const ended = { status: "canceled", canceled_at: at("2026-06-20"), ended_at: at("2026-06-20") };
    const failed = { ...ended, cancellation_details: { reason: "payment_failed" } };
    const asked = { ...ended, cancellation_details: { reason: "cancellation_requested" } };
    const lost = ["2026-01-01 → 2026-06-01 active 20", "2026-06-01 → 2026-06-20 unpaid 20"];
    expect(lines(failed, { invoices: [due] })).toEqual(lost);
    expect(lines(asked, { invoices: [due] })).toEqual(["2026-01-01 → 2026-06-20 active 20"]);
    // before reasons were told: it was past due, or its last invoice was tried in vain
    const events = [
      event("2026-06-01T01:00:00Z", "customer.subscription.updated", sub({ status: "past_due" }), {
        status: "active",
      }),
      event("2026-06-20", "customer.subscription.deleted", sub(ended)),
    ];
    expect(lines(ended, { events })).toEqual(lost);
    expect(lines(ended, { invoices: [due] })).toEqual(lost);
  });
});

describe("ends", () => {
  const dates = (more: Body) =>
    factsOf({ subscriptions: [sub(more)] }).versions.map(({ endedAt, cancelRequestedAt }) => [
      endedAt,
      cancelRequestedAt,
    ]);

  it("one that was cancelled at once ends then", () => {
    const ended = { status: "canceled", canceled_at: at("2026-02-03"), ended_at: at("2026-02-03") };
    expect(dates(ended)).toEqual([["2026-02-03T00:00:00.000Z", null]]);
  });

  it("one that was cancelled to the period's end ends there, and says when it was asked for", () => {
    const expected = [["2026-07-01T00:00:00.000Z", "2026-06-10T00:00:00.000Z"]];
    const asked = { cancel_at_period_end: true, canceled_at: at("2026-06-10") };
    expect(dates(asked)).toEqual(expected);
    expect(dates({ ...asked, cancel_at: at("2026-07-01") })).toEqual(expected);
    expect(dates({ ...asked, status: "canceled", ended_at: at("2026-07-01") })).toEqual(expected);
  });

  it("a date to come is an end; with items of different periods the earliest ends it", () => {
    expect(dates({ cancel_at: at("2026-09-01"), canceled_at: at("2026-06-10") })).toEqual([
      ["2026-09-01T00:00:00.000Z", "2026-06-10T00:00:00.000Z"],
    ]);
    const yearly = item("si_2", price("y", 100, { interval: "year" }), {
      current_period_end: at("2027-01-01"),
    });
    const mixed = subscription([item("si_1", small), yearly], { cancel_at_period_end: true });
    const ends = factsOf({ subscriptions: [mixed] }).versions.map(({ endedAt }) => endedAt);
    expect(ends).toEqual(["2026-07-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z"]);
  });
});

describe("schedules", () => {
  const large = price("large", 5000);
  const phase = (from: string, to: string, of: string, more: Body = {}): Body => ({
    start_date: at(from),
    end_date: at(to),
    currency: "usd",
    items: [{ price: of, quantity: 1, tax_rates: [] }],
    discounts: [],
    default_tax_rates: [],
    trial_end: null,
    ...more,
  });
  const schedule = (phases: Body[], more: Body = {}): Body => ({
    id: "sub_sched_1",
    object: "subscription_schedule",
    created: at("2026-01-01"),
    end_behavior: "release",
    phases,
    status: "active",
    subscription: "sub_1",
    ...more,
  });
  const world = (phases: Body[], more: Body = {}) => ({
    subscriptions: [sub({})],
    prices: [small, large],
    schedules: [schedule(phases, more)],
  });

  it("phases that are over tell the past, those to come the future", () => {
    const phases = [
      phase("2026-01-01", "2026-03-01", "large"),
      phase("2026-03-01", "2026-09-01", "small"),
      phase("2026-09-01", "2026-12-01", "large"),
    ];
    expect(linesOf(world(phases))).toEqual([
      "2026-01-01 → 2026-03-01 active 50",
      "2026-03-01 → 2026-09-01 active 20",
      "2026-09-01 → … active 50",
    ]);
    expect(linesOf(world(phases, { end_behavior: "cancel" })).at(-1)).toBe(
      "2026-09-01 → 2026-12-01 active 50",
    );
  });

  it("a plan that was not carried out is not believed against the bills or the state", () => {
    const phases = [phase("2026-01-01", "2026-09-01", "large")];
    expect(linesOf(world(phases))).toEqual(["2026-01-01 → … active 20"]);
    const over = [phase("2026-02-01", "2026-04-01", "large"), phase("2026-04-01", "2026-12-01", "small")];
    const billed = [2, 3].map((month) => renewal(month, {}));
    expect(linesOf({ ...world(over), invoices: billed })).toEqual(["2026-01-01 → … active 20"]);
  });

  it("pauses that are planned are to come, those that took place were", () => {
    const planned = (from: string, to: string, type: string): Body => ({
      key: from,
      pause: { pause_at: at(from), status: { type } },
      resume: { resume_at: at(to), status: { type } },
    });
    const pauses = [
      planned("2026-08-01", "2026-10-01", "scheduled"),
      planned("2026-02-01", "2026-03-01", "succeeded"),
      planned("2026-04-01", "2026-05-01", "error"),
    ];
    const phases = [phase("2026-01-01", "2026-12-01", "small")];
    expect(linesOf(world(phases, { pause_schedules: pauses }))).toEqual([
      "2026-01-01 → 2026-02-01 active 20",
      "2026-02-01 → 2026-03-01 paused 20",
      "2026-03-01 → 2026-08-01 active 20",
      "2026-08-01 → 2026-10-01 paused 20",
      "2026-10-01 → … active 20",
    ]);
  });

  it("one that was released plans nothing any more", () => {
    const phases = [phase("2026-01-01", "2026-09-01", "small"), phase("2026-09-01", "2026-12-01", "large")];
    const released = {
      status: "released",
      subscription: null,
      released_subscription: "sub_1",
      released_at: at("2026-05-01"),
    };
    expect(linesOf(world(phases, released))).toEqual(["2026-01-01 → … active 20"]);
  });

  it("one that has not begun is a subscription to come, after its trial", () => {
    const phases = [phase("2026-09-01", "2026-12-01", "large", { trial_end: at("2026-09-15") })];
    const future = { ...world(phases, { status: "not_started", subscription: null }), subscriptions: [] };
    expect(linesOf(future)).toEqual(["2026-09-01 → 2026-09-15 trialing 50", "2026-09-15 → … active 50"]);
    expect(factsOf(future).versions[0]?.subscriptionId).toBe("sub_sched_1");
  });
});
