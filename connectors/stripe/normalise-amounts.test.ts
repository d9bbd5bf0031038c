import { describe, expect, it } from "vitest";
import {
  type Body,
  coupon,
  discount,
  factsOf,
  item,
  linesOf,
  mrrOf,
  price,
  subscription,
} from "./testing-objects.ts";

/** A subscription of one item, and what it is worth per month. */
const one = (of: Body, more: Body = {}, sub: Body = {}): string | undefined =>
  mrrOf({
    subscriptions: [subscription([item("si_1", of, more)], { currency: of.currency, ...sub })],
    prices: [of],
  })[0];

describe("the worked examples of what a price is worth", () => {
  it("T1 a hundred seats at $100 a month and fifty at $600 a year are $12,500", () => {
    const items = [
      item("si_1", price("m", 10_000), { quantity: 100 }),
      item("si_2", price("y", 60_000, { interval: "year" }), { quantity: 50 }),
    ];
    expect(mrrOf({ subscriptions: [subscription(items)] })).toEqual(["10000", "2500"]);
  });

  it("T2 four seats yearly at $500 are $166.67, and nothing is rounded on the way", () => {
    const yearly = price("y", 50_000, { interval: "year" });
    expect(one(yearly, { quantity: 4 })).toBe("166.666666666667");
    const [version] = factsOf({
      subscriptions: [subscription([item("si_1", yearly, { quantity: 4 })])],
    }).versions;
    expect(version).toMatchObject({
      annual: { none: "2000" },
      unitAmount: "500",
      quantity: "4",
      interval: "year",
    });
    expect(version?.note).toBe("4 × $500.00, ÷ 12");
  });

  it("T3 $10 a week are $43.33, T5 two at $300 per three months are $200", () => {
    expect(one(price("w", 1000, { interval: "week" }))).toBe("43.333333333333");
    expect(one(price("q", 30_000, { interval_count: 3 }), { quantity: 2 })).toBe("200");
  });

  it("a day counts a 365th of a year", () => {
    expect(one(price("d", 120, { interval: "day" }))).toBe("36.5");
  });

  it("T6c VAT of 15 % contained in $20 is divided out; tax on top is no part of it", () => {
    const vat = { id: "txr_1", object: "tax_rate", percentage: 15, inclusive: true };
    const onTop = { id: "txr_2", object: "tax_rate", percentage: 20, inclusive: false };
    expect(one(price("m", 2000), { tax_rates: [vat] })).toBe("17.391304347826");
    expect(one(price("m", 2000), {}, { default_tax_rates: [vat] })).toBe("17.391304347826");
    // an item's own rates stand in place of the subscription's
    expect(one(price("m", 2000), { tax_rates: [onTop] }, { default_tax_rates: [vat] })).toBe("20");
  });

  it("T6d yen have no decimals, dinars three, and krónur come with two", () => {
    expect(one(price("y", 12_000, { interval: "year", currency: "jpy" }))).toBe("1000");
    expect(one(price("q", 5120, { interval_count: 3, currency: "kwd" }))).toBe("1.706666666667");
    expect(one(price("i", 100_000, { currency: "isk" }))).toBe("1000");
  });

  it("T6f tiers: graduated bills each tier touched, volume all units at the tier that holds them", () => {
    const tiers = [
      {
        up_to: 5,
        flat_amount: 4900,
        flat_amount_decimal: "4900",
        unit_amount: 1000,
        unit_amount_decimal: "1000",
      },
      { up_to: null, flat_amount: null, unit_amount: 900, unit_amount_decimal: "900" },
    ];
    const tiered = (mode: string) => price("t", null, { billing_scheme: "tiered", tiers_mode: mode, tiers });
    expect(one(tiered("graduated"), { quantity: 7 })).toBe("117");
    expect(one(tiered("volume"), { quantity: 7 })).toBe("63");
    expect(one(tiered("graduated"), { quantity: 0 })).toBe("0");
  });

  it("tiers are not told within a subscription: they come from the price itself", () => {
    const tiers = [{ up_to: null, flat_amount: 500, unit_amount: 100, unit_amount_decimal: "100" }];
    const whole = price("t", null, { billing_scheme: "tiered", tiers_mode: "volume", tiers });
    const { tiers: _, ...embedded } = whole;
    const subscriptions = [subscription([item("si_1", embedded, { quantity: 3 })])];
    expect(mrrOf({ subscriptions, prices: [whole] })).toEqual(["8"]);
    const { versions, warnings } = factsOf({ subscriptions });
    expect(versions[0]).toMatchObject({ annual: { none: "0" }, confidence: "inferred" });
    expect(warnings).toEqual(["price t of sub_1 does not say what 3 cost"]);
  });

  it("packages round units before they are priced", () => {
    const packages = (round: string) => price("p", 1000, { transform_quantity: { divide_by: 1000, round } });
    expect(one(packages("up"), { quantity: 1001 })).toBe("20");
    expect(one(packages("down"), { quantity: 1999 })).toBe("10");
  });

  it("a price below a cent has its decimal only", () => {
    expect(one(price("s", null, { unit_amount_decimal: "0.5" }), { quantity: 1000 })).toBe("5");
  });

  it("a price holds other currencies' amounts: the subscription's counts", () => {
    const both = price("c", 2000, {
      currency_options: { eur: { unit_amount: 1800, unit_amount_decimal: "1800" } },
    });
    const subscriptions = [
      subscription([item("si_1", { ...both, currency_options: undefined })], { currency: "eur" }),
    ];
    const [version] = factsOf({ subscriptions, prices: [both] }).versions;
    expect(version).toMatchObject({ currency: "EUR", annual: { none: "216" } });
  });

  it("an amount beyond all measure is left out, and that is said", () => {
    const items = [
      item("si_1", price("big", 999_999_999_999), { quantity: 9_007_199_254_740_991 }),
      item("si_2", price("m", 100)),
    ];
    const { versions, warnings } = factsOf({ subscriptions: [subscription(items)] });
    expect(versions.map(({ key }) => key)).toEqual(["sub_1/si_2"]);
    expect(warnings).toEqual(["what 9007199254740991 of price big cost in sub_1 is more than can be kept"]);
  });

  it("metered items are no MRR, whatever they cost", () => {
    const metered = price("u", 100, { usage_type: "metered" });
    const items = [item("si_1", metered, { quantity: undefined }), item("si_2", price("m", 2000))];
    expect(linesOf({ subscriptions: [subscription(items)] })).toEqual(["2026-01-01 → … active 20"]);
  });
});

describe("discounts in Stripe's order", () => {
  const ten = coupon("TEN", { percent_off: 10 });
  const worth = (world: { item?: Body[]; sub?: Body[]; coupons: Body[]; price?: Body }) =>
    factsOf({
      coupons: world.coupons,
      subscriptions: [
        subscription([item("si_1", world.price ?? price("m", 10_000), { discounts: world.item ?? [] })], {
          discounts: world.sub ?? [],
        }),
      ],
    });
  const mrr = (world: Parameters<typeof worth>[0]) => Number(worth(world).versions[0]!.annual.recurring) / 12;

  it("T4 and T6: 10 % off $120 a year are $9, half of $10 a month is $5", () => {
    const yearly = price("y", 12_000, { interval: "year" });
    expect(mrr({ sub: [discount("TEN")], coupons: [ten], price: yearly })).toBe(9);
    const half = coupon("HALF", { percent_off: 50 });
    expect(mrr({ sub: [discount("HALF")], coupons: [half], price: price("m", 1000) })).toBe(5);
  });

  it("T6e two of 10 % are 19 %: the item's first, then the subscription's on what remains", () => {
    expect(mrr({ item: [discount("TEN")], sub: [discount("TEN")], coupons: [ten] })).toBe(81);
    expect(mrr({ sub: [discount("TEN"), discount("TEN")], coupons: [ten] })).toBe(81);
  });

  it("an amount is off the invoice: shared by what the items cost, divided by their months, never below nothing", () => {
    const five = coupon("FIVE", { amount_off: 1500, currency: "usd" });
    const items = [item("si_1", price("a", 2000)), item("si_2", price("b", 1000))];
    const shared = {
      coupons: [five],
      subscriptions: [subscription(items, { discounts: [discount("FIVE")] })],
    };
    expect(mrrOf(shared)).toEqual(["10", "5"]);
    const yearly = price("y", 120_000, { interval: "year" });
    const sixty = coupon("SIXTY", { amount_off: 6000, currency: "usd" });
    expect(mrr({ sub: [discount("SIXTY")], coupons: [sixty], price: yearly })).toBe(95);
    expect(mrr({ sub: [discount("SIXTY")], coupons: [sixty], price: price("m", 900) })).toBe(0);
  });

  it("an amount off items of a month and of a year is off twelve invoices, one of them with both", () => {
    const items = (monthly: number) => [
      item("si_1", price("m", monthly)),
      item("si_2", price("y", 11_000, { interval: "year" })),
    ];
    const yearOf = (monthly: number, off: number) => {
      const coupons = [coupon("OFF", { amount_off: off, currency: "usd" })];
      const sub = subscription(items(monthly), { discounts: [discount("OFF")] });
      const { versions } = factsOf({ coupons, subscriptions: [sub] });
      return versions.map(({ annual }) => Number(annual.recurring));
    };
    // 11 × (10 − 5), and of 10 + 110 together 5 less, shared by what they cost
    const [monthly, yearly] = yearOf(1000, 500);
    expect(monthly).toBeCloseTo(55 + 10 * (115 / 120), 9);
    expect(yearly).toBeCloseTo(110 * (115 / 120), 9);
    // more than the month costs: eleven invoices of nothing, and 20 off the one of 120
    const [none, some] = yearOf(1000, 2000);
    expect(none).toBeCloseTo(10 * (100 / 120), 9);
    expect(some).toBeCloseTo(110 * (100 / 120), 9);
  });

  it("percents and amounts go in the order in which they stand", () => {
    const off = coupon("OFF", { amount_off: 1000, currency: "usd" });
    expect(mrr({ sub: [discount("OFF"), discount("TEN")], coupons: [ten, off] })).toBe(81);
    expect(mrr({ sub: [discount("TEN"), discount("OFF")], coupons: [ten, off] })).toBe(80);
  });

  it("a coupon for some products leaves the others alone", () => {
    const some = coupon("SOME", { percent_off: 50, applies_to: { products: ["prod_a"] } });
    const items = [item("si_1", price("a", 2000)), item("si_2", price("b", 1000))];
    expect(
      mrrOf({ coupons: [some], subscriptions: [subscription(items, { discounts: [discount("SOME")] })] }),
    ).toEqual(["10", "10"]);
  });

  it("an amount in another currency takes nothing off, and that is said", () => {
    const euros = coupon("EUROS", { amount_off: 500, currency: "eur" });
    const { versions, warnings } = worth({ sub: [discount("EUROS")], coupons: [euros] });
    expect(versions[0]?.annual.all).toBe("1200");
    expect(warnings).toEqual(["coupon EUROS has no amount in usd: it takes nothing off sub_1"]);
    const both = { ...euros, currency_options: { usd: { amount_off: 600 } } };
    expect(mrr({ sub: [discount("EUROS")], coupons: [both] })).toBe(94);
  });

  it("the customer's discount counts where the subscription has none", () => {
    const customers = [{ id: "cus_1", object: "customer", created: 1, discount: discount("TEN") }];
    const half = coupon("HALF", { percent_off: 50 });
    const plain = subscription([item("si_1", price("m", 10_000))]);
    const coupons = [ten, half];
    expect(mrrOf({ customers, coupons, subscriptions: [plain] })).toEqual(["90"]);
    const own = { ...plain, discounts: [discount("HALF")] };
    expect(mrrOf({ customers, coupons, subscriptions: [own] })).toEqual(["50"]);
  });

  it("a coupon that nobody knows any more takes nothing off, and that is said", () => {
    const { versions, warnings } = worth({ sub: [discount("GONE")], coupons: [] });
    expect(versions[0]?.annual.all).toBe("1200");
    expect(warnings).toEqual(["what coupon GONE takes off sub_1 is not known"]);
  });

  it("the four choices: none, forever, recurring while they run, and all with what is off the first invoice", () => {
    const coupons = [
      ten,
      coupon("MONTHS", { percent_off: 50, duration: "repeating", duration_in_months: 3 }),
      coupon("FIRST", { percent_off: 100, duration: "once" }),
    ];
    const given = item("si_1", price("m", 10_000), {
      current_period_start: Date.parse("2026-01-01") / 1000,
      current_period_end: Date.parse("2026-02-01") / 1000,
    });
    const end = Date.parse("2026-04-01") / 1000;
    const discounts = [discount("TEN"), discount("MONTHS", { end }), discount("FIRST")];
    const world = { coupons, subscriptions: [subscription([given], { discounts })] };
    expect(linesOf(world, "all")).toEqual([
      "2026-01-01 → 2026-02-01 active 0",
      "2026-02-01 → 2026-04-01 active 45",
      "2026-04-01 → … active 90",
    ]);
    expect(linesOf(world, "recurring").map((line) => line.split(" ").at(-1))).toEqual(["45", "45", "90"]);
    expect(linesOf(world, "forever").map((line) => line.split(" ").at(-1))).toEqual(["90", "90", "90"]);
    expect(linesOf(world, "none").map((line) => line.split(" ").at(-1))).toEqual(["100", "100", "100"]);
    expect(factsOf(world).versions[1]?.note).toBe(
      "1 × $100.00, − 10 % (TEN, forever), − 50 % (MONTHS, for some months), ÷ 1",
    );
  });
});
