import { describe, expect, it } from "vitest";
import { at, type Body, coupon, event, factsOf, linesOf } from "./testing-objects.ts";

/** The same customer in the shapes of four versions of the API: the facts are the same. */

const period = { start: at("2026-02-01"), end: at("2026-03-01") };
const cycle = { current_period_start: at("2026-03-01"), current_period_end: at("2026-04-01") };
const plan = (id: string, amount: number): Body => ({
  id,
  object: "plan",
  amount,
  amount_decimal: String(amount),
  billing_scheme: "per_unit",
  currency: "usd",
  interval: "month",
  interval_count: 1,
  nickname: id,
  product: "prod_1",
  usage_type: "licensed",
});
const price = (id: string, amount: number): Body => ({
  id,
  object: "price",
  currency: "usd",
  billing_scheme: "per_unit",
  nickname: id,
  product: "prod_1",
  recurring: { interval: "month", interval_count: 1, usage_type: "licensed" },
  type: "recurring",
  unit_amount: amount,
  unit_amount_decimal: String(amount),
});
const tenOff = coupon("TEN", { percent_off: 10 });
const base = {
  id: "sub_1",
  object: "subscription",
  created: at("2026-01-01"),
  customer: "cus_1",
  start_date: at("2026-01-01"),
};
const given = { id: "di_1", object: "discount", start: at("2026-01-01"), end: null };

interface Shape {
  subscription: Body;
  /** That of February, on the small price. */
  invoice: Body;
}

const shapes: Record<string, Shape> = {
  "2020-08-27 with plans": {
    subscription: {
      ...base,
      ...cycle,
      status: "active",
      discount: { ...given, coupon: tenOff },
      items: { data: [{ id: "si_1", created: at("2026-01-01"), plan: plan("large", 5000), quantity: 2 }] },
      plan: plan("large", 5000),
      quantity: 2,
      tax_percent: 20,
    },
    invoice: {
      id: "in_1",
      object: "invoice",
      created: period.start,
      currency: "usd",
      status: "paid",
      paid: true,
      subscription: "sub_1",
      lines: {
        data: [
          {
            id: "il_1",
            amount: 4000,
            currency: "usd",
            period,
            plan: plan("small", 2000),
            proration: false,
            quantity: 2,
            subscription: "sub_1",
            subscription_item: "si_1",
            type: "subscription",
          },
        ],
      },
    },
  },
  "acacia with prices": {
    subscription: {
      ...base,
      ...cycle,
      status: "active",
      currency: "usd",
      discount: { ...given, coupon: tenOff },
      discounts: ["di_1"],
      items: {
        data: [
          {
            id: "si_1",
            created: at("2026-01-01"),
            plan: plan("large", 5000),
            price: price("large", 5000),
            quantity: 2,
            discounts: [],
            tax_rates: [],
          },
        ],
      },
    },
    invoice: {
      id: "in_1",
      object: "invoice",
      created: period.start,
      currency: "usd",
      status: "paid",
      status_transitions: { paid_at: period.start },
      subscription: "sub_1",
      lines: {
        data: [
          {
            id: "il_1",
            amount: 4000,
            currency: "usd",
            period,
            price: price("small", 2000),
            proration: false,
            quantity: 2,
            subscription: "sub_1",
            subscription_item: "si_1",
            type: "subscription",
          },
        ],
      },
    },
  },
  "basil with parents": {
    subscription: {
      ...base,
      status: "active",
      currency: "usd",
      discounts: [{ ...given, coupon: tenOff }],
      items: {
        data: [
          {
            id: "si_1",
            ...cycle,
            created: at("2026-01-01"),
            price: price("large", 5000),
            quantity: 2,
            discounts: [],
          },
        ],
      },
    },
    invoice: {
      id: "in_1",
      object: "invoice",
      created: period.start,
      currency: "usd",
      status: "paid",
      status_transitions: { paid_at: period.start },
      parent: { type: "subscription_details", subscription_details: { subscription: "sub_1" } },
      lines: {
        data: [
          {
            ...{ id: "il_1", amount: 4000, currency: "usd", period, quantity: 2 },
            parent: {
              type: "subscription_item_details",
              subscription_item_details: {
                subscription: "sub_1",
                subscription_item: "si_1",
                proration: false,
              },
            },
            pricing: { price_details: { price: "small" }, unit_amount_decimal: "2000" },
          },
        ],
      },
    },
  },
  "endive with sources of discounts": {
    subscription: {
      ...base,
      status: "active",
      currency: "usd",
      discounts: [{ ...given, source: { type: "coupon", coupon: "TEN" } }],
      items: {
        data: [
          {
            id: "si_1",
            ...cycle,
            created: at("2026-01-01"),
            price: price("large", 5000),
            quantity: 2,
            discounts: [],
          },
        ],
      },
    },
    invoice: {
      id: "in_1",
      object: "invoice",
      created: period.start,
      currency: "usd",
      status: "paid",
      status_transitions: { paid_at: period.start },
      parent: { type: "subscription_details", subscription_details: { subscription: "sub_1" } },
      lines: {
        data: [
          {
            ...{
              id: "il_1",
              amount: 4000,
              currency: "usd",
              period,
              quantity: 2,
              quantity_decimal: "2",
              subtotal: 4000,
            },
            parent: {
              type: "subscription_item_details",
              subscription_item_details: {
                subscription: "sub_1",
                subscription_item: "si_1",
                proration: false,
              },
            },
            pricing: { price_details: { price: price("small", 2000) }, unit_amount_decimal: "2000" },
          },
        ],
      },
    },
  },
};

const march: Body = {
  ...shapes["endive with sources of discounts"]!.invoice,
  id: "in_2",
  created: at("2026-03-01"),
};
const renewed = (shape: Shape): Body => {
  const [line] = (shape.invoice.lines as { data: Body[] }).data;
  const large = { period: { start: at("2026-03-01"), end: at("2026-04-01") }, id: "il_2", amount: 10_000 };
  const of = { plan: line?.plan && plan("large", 5000), price: line?.price && price("large", 5000) };
  const pricing = line?.pricing
    ? { pricing: { price_details: { price: "large" }, unit_amount_decimal: "5000" } }
    : {};
  return {
    ...shape.invoice,
    id: "in_2",
    created: march.created,
    lines: { data: [{ ...line, ...of, ...pricing, ...large }] },
  };
};

describe("objects of every version of the API", () => {
  it.each(Object.entries(shapes))("%s", (_, shape) => {
    const world = {
      subscriptions: [shape.subscription],
      invoices: [shape.invoice, renewed(shape)],
      prices: [price("small", 2000), price("large", 5000)],
      coupons: [tenOff],
      products: [{ id: "prod_1", object: "product", name: "Gold" }],
    };
    expect(linesOf(world)).toEqual([
      "2026-01-01 → 2026-03-01 active 36 (inferred)",
      "2026-03-01 → … active 90 (invoice)",
    ]);
    const [version] = factsOf(world).versions;
    expect(version).toMatchObject({
      key: "sub_1/si_1",
      plan: "Gold",
      currency: "USD",
      quantity: "2",
      unitAmount: "20",
    });
    expect(factsOf(world).warnings).toEqual([]);
  });

  it("an event of an old version beside an object of today's tells no change where there is none", () => {
    const old = shapes["2020-08-27 with plans"]!.subscription;
    const today = shapes["endive with sources of discounts"]!.subscription;
    const renamed = event(
      "2026-03-05",
      "customer.subscription.updated",
      { ...old, metadata: { a: "b" } },
      { metadata: { a: null } },
    );
    expect(linesOf({ subscriptions: [today], events: [renamed], coupons: [tenOff] })).toEqual([
      "2026-01-01 → … active 90",
    ]);
  });

  it("a decimal that comes as an object is read as it prints", () => {
    const wrapped = { toString: () => "2000.5" };
    const subscriptions = [
      {
        ...base,
        status: "active",
        items: { data: [{ id: "si_1", price: { ...price("a", 0), unit_amount_decimal: wrapped } }] },
      },
    ];
    expect(linesOf({ subscriptions })).toEqual(["2026-01-01 → … active 20.005"]);
  });

  it("two items have no plan and no quantity at the top", () => {
    const items = ["gold", "silver"].map((id, i) => ({
      id: `si_${id}`,
      price: price(id, (i + 1) * 2000),
      quantity: 1,
    }));
    const two = { ...base, status: "active", plan: null, quantity: null, items: { data: items } };
    expect(linesOf({ subscriptions: [two] }).map((line) => line.split(" ").at(-1))).toEqual(["20", "40"]);
  });

  it("what is nothing like an object of Stripe's is passed over", () => {
    const bodies: Body[] = [
      { id: "sub_1" },
      { id: "sub_2", status: "active", start_date: 1, items: "none" },
      { id: "x", status: 3 },
    ];
    const world = {
      subscriptions: bodies,
      invoices: [{ id: "in_1", lines: 5, status: "paid", created: "then" }],
      events: [{ id: 3 }],
    };
    expect(factsOf(world).versions).toEqual([]);
    expect(factsOf(world).warnings).toEqual(["sub_2 is in no currency, which is not a known one"]);
  });
});

describe("customers", () => {
  it("are read with their country and metadata", () => {
    const { customer } = factsOf({
      customers: [
        {
          ...{ id: "cus_1", created: at("2025-12-31"), name: "Ada", email: "ada@example.com" },
          ...{ address: { country: "de" }, metadata: { segment: "smb", empty: "" } },
        },
      ],
    });
    expect(customer).toEqual({
      externalId: "cus_1",
      name: "Ada",
      email: "ada@example.com",
      country: "DE",
      signedUpAt: "2025-12-31T00:00:00.000Z",
      attributes: { segment: "smb" },
      deleted: false,
    });
  });

  it("deleted ones keep their history, and the name to which their invoices went", () => {
    const shape = shapes["endive with sources of discounts"]!;
    const facts = factsOf({
      customers: [{ id: "cus_1", object: "customer", deleted: true }],
      subscriptions: [{ ...shape.subscription, status: "canceled", ended_at: at("2026-04-01") }],
      invoices: [{ ...shape.invoice, customer_name: "Ada", customer_email: "ada@example.com" }],
      prices: [price("small", 2000)],
      coupons: [tenOff],
    });
    expect(facts.customer).toMatchObject({
      deleted: true,
      name: "Ada",
      email: "ada@example.com",
      attributes: {},
    });
    expect(facts.versions.at(-1)?.endedAt).toBe("2026-04-01T00:00:00.000Z");
  });
});
