import { describe, expect, it } from "vitest";
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
  lineOf,
  linesOf,
  price,
  subscription,
} from "./testing-objects.ts";

const [small, large] = [price("small", 2000), price("large", 5000)];
const prices = [small, large];
const full = (of: string, amount: number, month: number, more: Body = {}): Body =>
  invoice(`2026-0${month}-01`, [
    line({ item: "si_1", price: of, amount, from: `2026-0${month}-01`, to: `2026-0${month + 1}-01`, more }),
  ]);
const swap = (on: string, until: string, mode: "flexible" | "classic", created = on): Body =>
  invoice(created, [
    line({ item: "si_1", price: "small", amount: -1000, from: on, to: until, proration: mode }),
    line({ item: "si_1", price: "large", amount: 2500, from: on, to: until, proration: mode }),
  ]);
/** On the large price now; its past has to be found. */
const now = subscription([item("si_1", large)]);

describe("the past of a subscription, from its invoices", () => {
  it("prices and quantities of the lines count, from the beginning of their periods", () => {
    const invoices = [
      full("small", 2000, 1),
      full("small", 2000, 2),
      full("large", 5000, 3),
      full("large", 5000, 4),
    ];
    expect(linesOf({ subscriptions: [now], invoices, prices })).toEqual([
      "2026-01-01 → 2026-03-01 active 20 (invoice)",
      "2026-03-01 → … active 50 (invoice)",
    ]);
  });

  it.each(["flexible", "classic"] as const)(
    "a swap in mid-period is dated by its prorations (%s), and they are not added up",
    (mode) => {
      const invoices = [
        full("small", 2000, 1),
        swap("2026-01-16", "2026-02-01", mode),
        full("large", 5000, 2),
      ];
      expect(linesOf({ subscriptions: [now], invoices, prices })).toEqual([
        "2026-01-01 → 2026-01-16 active 20 (invoice)",
        "2026-01-16 → … active 50 (invoice)",
      ]);
    },
  );

  it("prorations that wait for the next invoice are dated by what they are for, not by when they were billed", () => {
    const later = swap("2026-01-16", "2026-02-01", "flexible", "2026-02-01");
    const invoices = [full("small", 2000, 1), later, full("large", 5000, 2)];
    expect(linesOf({ subscriptions: [now], invoices, prices })[1]).toBe("2026-01-16 → … active 50 (invoice)");
  });

  it("a swap from monthly to yearly that stands in proration lines alone is not lost", () => {
    const yearly = price("yearly", 24_000, { interval: "year" });
    const swapped = invoice("2026-02-01", [
      line({
        item: "si_1",
        price: "yearly",
        amount: 24_000,
        from: "2026-02-01",
        to: "2027-02-01",
        proration: "flexible",
      }),
    ]);
    const facts = factsOf({
      subscriptions: [subscription([item("si_1", yearly)])],
      invoices: [full("large", 5000, 1), swapped],
      prices: [...prices, yearly],
    });
    expect(facts.versions.map((version) => `${lineOf(version)} ${version.interval}`)).toEqual([
      "2026-01-01 → 2026-02-01 active 50 (invoice) month",
      "2026-02-01 → … active 20 (invoice) year",
    ]);
  });

  it("a change of the quantity is a version; one that no invoice shows yet begins when it was seen, as a guess", () => {
    const few = (month: number, quantity: number) =>
      invoice(`2026-0${month}-01`, [
        line({
          item: "si_1",
          price: "small",
          quantity,
          amount: 2000 * quantity,
          from: `2026-0${month}-01`,
          to: `2026-0${month + 1}-01`,
        }),
      ]);
    const seats = item("si_1", small, { quantity: 5, current_period_start: at("2026-06-01") });
    const world = { subscriptions: [subscription([seats])], prices, invoices: [few(5, 2), few(6, 3)] };
    expect(linesOf(world)).toEqual([
      "2026-01-01 → 2026-06-01 active 40 (inferred)",
      "2026-06-01 → 2026-06-15T12:00:00.000Z active 60 (invoice)",
      "2026-06-15T12:00:00.000Z → … active 100 (inferred)",
    ]);
    // since when every change was heard of, and none was
    expect(linesOf({ ...world, since: "2026-06-10" })[2]).toBe("2026-06-10 → … active 100 (inferred)");
  });

  it("an item that was taken away ends with its credit, or with the last period that was paid for", () => {
    const both = (month: number, more: Body[] = []) =>
      invoice(`2026-0${month}-01`, [
        line({
          item: "si_1",
          price: "large",
          amount: 5000,
          from: `2026-0${month}-01`,
          to: `2026-0${month + 1}-01`,
        }),
        ...more,
      ]);
    const extra = line({ item: "si_2", price: "small", amount: 2000, from: "2026-01-01", to: "2026-02-01" });
    const silent = linesOf({ subscriptions: [now], prices, invoices: [both(1, [extra]), both(2), both(3)] });
    expect(silent).toEqual(["2026-01-01 → … active 50", "2026-01-01 → 2026-02-01 active 20 (invoice)"]);
    const credit = line({
      item: "si_2",
      price: "small",
      amount: -900,
      from: "2026-01-18",
      to: "2026-02-01",
      proration: "flexible",
    });
    const told = linesOf({ subscriptions: [now], prices, invoices: [both(1, [extra]), both(2, [credit])] });
    expect(told[1]).toBe("2026-01-01 → 2026-01-18 active 20 (invoice)");
  });

  it("an item that was added begins when it was made", () => {
    const added = item("si_2", small, { created: at("2026-03-10") });
    expect(linesOf({ subscriptions: [subscription([item("si_1", large), added])], prices })).toEqual([
      "2026-01-01 → … active 50",
      "2026-03-10 → … active 20",
    ]);
  });

  it("drafts, void invoices and one-off items say nothing", () => {
    const oneOff = {
      ...line({ item: null, price: "shirt", amount: 1500, from: "2026-02-01", to: "2026-03-01" }),
      parent: {
        type: "invoice_item_details",
        invoice_item_details: { proration: false, subscription: "sub_1" },
      },
    };
    const invoices = [
      full("large", 5000, 1),
      { ...full("small", 2000, 2), status: "draft" },
      { ...full("small", 2000, 3), status: "void" },
      invoice("2026-02-01", [oneOff]),
    ];
    const { versions, usage } = factsOf({ subscriptions: [now], invoices, prices });
    expect(versions.map((version) => lineOf(version))).toEqual(["2026-01-01 → … active 50"]);
    expect(usage).toEqual([]);
  });

  it("a price that cannot be had any more costs what its line said", () => {
    const gone = full("lost", 3000, 1, {
      pricing: { type: "price_details", price_details: { price: "lost" }, unit_amount_decimal: "3000" },
    });
    expect(linesOf({ subscriptions: [now], prices, invoices: [gone, full("large", 5000, 2)] })).toEqual([
      "2026-01-01 → 2026-02-01 active 30 (invoice)",
      "2026-02-01 → … active 50 (invoice)",
    ]);
  });

  it("a discount that has run out shows in the invoices of then", () => {
    const three = coupon("THREE", { percent_off: 50, duration: "repeating", duration_in_months: 2 });
    const then = discount("THREE", { id: "di_then", end: at("2026-03-01") });
    const cheap = (month: number) => ({
      ...full("large", 5000, month, { discount_amounts: [{ amount: 2500, discount: "di_then" }] }),
      total_discount_amounts: [{ amount: 2500, discount: then }],
    });
    const invoices = [cheap(1), cheap(2), full("large", 5000, 3)];
    expect(linesOf({ subscriptions: [now], prices, coupons: [three], invoices })).toEqual([
      "2026-01-01 → 2026-03-01 active 25",
      "2026-03-01 → … active 50",
    ]);
  });

  it("what was off once counts for the period that it was off, and only where everything counts", () => {
    const first = coupon("FIRST", { amount_off: 1000, currency: "usd", duration: "once" });
    const cheap = {
      ...full("large", 5000, 1, { discount_amounts: [{ amount: 1000, discount: "di_first" }] }),
      total_discount_amounts: [{ amount: 1000, discount: discount("FIRST", { id: "di_first" }) }],
    };
    const world = {
      subscriptions: [now],
      prices,
      coupons: [first],
      invoices: [cheap, full("large", 5000, 2)],
    };
    expect(linesOf(world, "all")).toEqual(["2026-01-01 → 2026-02-01 active 40", "2026-02-01 → … active 50"]);
    expect(linesOf(world, "recurring").map((text) => text.split(" ").at(-1))).toEqual(["50", "50"]);
  });

  it("tax that Stripe computes is divided out as the invoice had it, by its rate where that is known", () => {
    const inclusive = price("vat", 11_900, { tax_behavior: "inclusive" });
    const taxed = (rate: string | null) =>
      full("vat", 11_900, 1, {
        taxes: [{ amount: 1900, tax_behavior: "inclusive", tax_rate_details: rate && { tax_rate: rate } }],
      });
    const subscriptions = [subscription([item("si_1", inclusive)], { automatic_tax: { enabled: true } })];
    const taxRates = [{ id: "txr_de", percentage: 19, inclusive: true }];
    for (const invoices of [[taxed("txr_de")], [taxed(null)]])
      expect(linesOf({ subscriptions, invoices, prices: [inclusive], taxRates })).toEqual([
        "2026-01-01 → … active 100",
      ]);
  });
});

describe("usage", () => {
  it("metered lines are revenue of the period in which it was used, without what was taken off", () => {
    const metered = price("api", 10, { usage_type: "metered" });
    const used = line({
      item: "si_u",
      price: "api",
      quantity: 300,
      amount: 3000,
      from: "2026-01-01",
      to: "2026-02-01",
      more: { id: "il_used", discount_amounts: [{ amount: 500, discount: "di_x" }] },
    });
    const { usage, versions } = factsOf({ prices: [metered], invoices: [invoice("2026-02-01", [used])] });
    expect(versions).toEqual([]);
    expect(usage).toEqual([
      { evidence: "invoice_line:il_used", at: "2026-01-01T00:00:00.000Z", amount: "25", currency: "USD" },
    ]);
  });
});

describe("the past of a subscription, from its events", () => {
  const before = { items: { data: [item("si_1", small)] } };
  const changed = (on: string, previous: Body = before): Body =>
    event(on, "customer.subscription.updated", now, previous);

  it("tell to the second what changed, and win over what invoices would say", () => {
    const invoices = [full("small", 2000, 1), full("large", 5000, 5)];
    expect(
      linesOf({ subscriptions: [now], prices, invoices, events: [changed("2026-04-11T10:30:00Z")] }),
    ).toEqual(["2026-01-01 → 2026-04-11T10:30:00.000Z active 20", "2026-04-11T10:30:00.000Z → … active 50"]);
  });

  it("in reverse and doubled they say the same", () => {
    const raised = { ...now, items: { data: [item("si_1", large, { quantity: 2 })] } };
    const events = [
      event("2026-02-01", "customer.subscription.created", { ...now, items: before.items }),
      changed("2026-04-11"),
      event("2026-05-02", "customer.subscription.updated", raised, { items: now.items }),
    ];
    const world = { subscriptions: [raised], prices };
    const facts = factsOf({ ...world, events });
    expect(facts.versions).toHaveLength(3);
    expect(factsOf({ ...world, events: [...events, ...events].reverse() })).toEqual(facts);
  });

  it("of one second, each follows the one whose end is its beginning", () => {
    const seats = (quantity: number): Body => ({
      ...now,
      items: { data: [item("si_1", small, { quantity })] },
    });
    const steps = [
      event("2026-03-01", "customer.subscription.updated", seats(3), { items: seats(2).items }),
      event("2026-03-01", "customer.subscription.updated", seats(2), { items: seats(1).items }),
      event("2026-03-01", "customer.subscription.updated", seats(4), { items: seats(3).items }),
    ];
    expect(linesOf({ subscriptions: [seats(4)], prices, events: steps })).toEqual([
      "2026-01-01 → 2026-03-01 active 20",
      "2026-03-01 → … active 80",
    ]);
  });

  it("those of old versions tell the only item's plan and quantity at the top", () => {
    const old = event("2026-04-11", "customer.subscription.updated", now, { quantity: 3 });
    expect(linesOf({ subscriptions: [now], prices, events: [old] })).toEqual([
      "2026-01-01 → 2026-04-11 active 150",
      "2026-04-11 → … active 50",
    ]);
  });

  it("a discount that stands in them by its id is known from wherever it stands whole", () => {
    const half = coupon("HALF", { percent_off: 50 });
    const given = discount("HALF", { id: "di_half", start: at("2026-03-01") });
    const events = [
      event(
        "2026-03-01",
        "customer.subscription.updated",
        { ...now, discounts: ["di_half"] },
        { discounts: [] },
      ),
      event("2026-05-01", "customer.subscription.updated", now, { discounts: ["di_half"] }),
    ];
    const earlier = [{ body: { ...now, discounts: [given] }, readAt: "2026-04-01T00:00:00Z" }];
    expect(linesOf({ subscriptions: [now], prices, coupons: [half], events, earlier })).toEqual([
      "2026-01-01 → 2026-03-01 active 50",
      "2026-03-01 → 2026-05-01 active 25",
      "2026-05-01 → … active 50",
    ]);
  });

  it("where an event was missed, states that we read ourselves fill the gap", () => {
    const was = subscription([item("si_1", small)]);
    const earlier = [{ body: was, readAt: "2026-03-05T00:00:00Z" }];
    expect(linesOf({ subscriptions: [now], prices, earlier })).toEqual([
      "2026-01-01 → 2026-03-05 active 20",
      "2026-03-05 → … active 50 (inferred)",
    ]);
  });

  it("where an event does not tell what was before, what we read until its second does", () => {
    const was = subscription([item("si_1", small)]);
    const events = [event("2026-04-11T10:30:00Z", "customer.subscription.updated", now)];
    const expected = [
      "2026-01-01 → 2026-04-11T10:30:00.000Z active 20",
      "2026-04-11T10:30:00.000Z → … active 50",
    ];
    for (const readAt of ["2026-04-01T00:00:00Z", "2026-04-11T10:30:00.400Z"])
      expect(linesOf({ subscriptions: [now], prices, events, earlier: [{ body: was, readAt }] })).toEqual(
        expected,
      );
    // one that came with a date of long ago changes nothing of what was read since
    const old = [event("2026-02-01", "customer.subscription.updated", now)];
    const seen = [{ body: was, readAt: "2026-06-15T00:00:00Z" }];
    expect(linesOf({ subscriptions: [now], prices, events: old, earlier: seen })).toEqual([
      "2026-01-01 → 2026-06-15 active 20",
      "2026-06-15 → … active 50 (inferred)",
    ]);
  });

  it("what the API says now is how it is, whatever an event says, and however old", () => {
    const ended = { ...now, status: "canceled", ended_at: at("2026-06-15T12:00:00Z") };
    const raised = { ...now, items: { data: [item("si_1", large, { quantity: 9 })] } };
    for (const on of ["2026-03-01", "2026-06-15T12:00:00Z", "2026-06-16"])
      for (const [type, body, previous] of [
        ["customer.subscription.deleted", ended, undefined],
        ["customer.subscription.updated", raised, { items: now.items }],
        ["customer.subscription.updated", { id: "sub_1", object: "subscription", status: "active" }, {}],
      ] as const)
        expect(linesOf({ subscriptions: [now], prices, events: [event(on, type, body, previous)] })).toEqual([
          "2026-01-01 → … active 50",
        ]);
  });

  it("an answer that was read in the second of an event adds nothing to it", () => {
    const was = subscription([item("si_1", small)]);
    const earlier = [{ body: was, readAt: "2026-04-11T10:30:00Z" }];
    const events = [changed("2026-04-11T10:30:00Z")];
    expect(linesOf({ subscriptions: [now], prices, events, earlier })).toEqual(
      linesOf({ subscriptions: [now], prices, events }),
    );
  });
});
