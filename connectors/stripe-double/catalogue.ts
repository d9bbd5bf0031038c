import { createCoupon, createPrice, createProduct, createPromotionCode, createTaxRate } from "./objects.ts";
import type { World } from "./world.ts";

/** What the made-up company sells. */
export interface Catalogue {
  /** Prices by currency: a plan at the same place everywhere, from small to large, monthly and yearly in turn. */
  plans: Record<string, string[]>;
  seats: string;
  tiered: string;
  metered: string;
  product: string;
  coupons: { forever: string; repeating: string; once: string; amount: string };
}

const currencies = { usd: 1, eur: 1, gbp: 1, jpy: 100 } as const;

export function createCatalogue(world: World): Catalogue {
  const product = (name: string) => createProduct(world, { name }).id;
  const [basic, pro, team] = [product("Basic"), product("Pro"), product("Team")];
  const plans: Catalogue["plans"] = {};
  for (const [currency, factor] of Object.entries(currencies)) {
    // yen have no minor unit
    const amount = (cents: number) => Math.round((cents * factor) / (currency === "jpy" ? 100 : 1));
    plans[currency] = [
      [basic, 1_900],
      [pro, 4_900],
      [team, 14_900],
    ].flatMap(([plan, cents]) =>
      (["month", "year"] as const).map(
        (interval) =>
          createPrice(world, {
            product: String(plan),
            currency,
            amount: amount(Number(cents) * (interval === "year" ? 10 : 1)),
            interval,
            nickname: `${String(plan)} ${currency} ${interval}`,
          }).id,
      ),
    );
  }
  const seatsProduct = product("Seats");
  const seats = createPrice(world, { product: seatsProduct, amount: 1_200, nickname: "Seats" }).id;
  const tiered = createPrice(world, {
    product: product("Volume"),
    nickname: "Contacts",
    tiersMode: "graduated",
    tiers: [
      { up_to: 100, unit_amount: 50, flat_amount: 1_000 },
      { up_to: 1_000, unit_amount: 30, flat_amount: null },
      { up_to: null, unit_amount: 10, flat_amount: null },
    ],
  }).id;
  const metered = createPrice(world, {
    product: product("API calls"),
    amount: "0.05",
    usageType: "metered",
  }).id;
  // what was sold once, and what only one customer ever got
  createPrice(world, { product: basic, amount: 1_500, active: false, nickname: "Basic of old" });
  const forever = createCoupon(world, { id: "PARTNER10", percentOff: 10 }).id;
  createPromotionCode(world, { coupon: forever, code: "PARTNER" });
  createTaxRate(world, { percentage: 19, inclusive: true });
  return {
    plans,
    seats,
    tiered,
    metered,
    product: basic,
    coupons: {
      forever,
      repeating: createCoupon(world, { id: "WELCOME25", percentOff: 25, duration: "repeating", months: 3 })
        .id,
      once: createCoupon(world, { id: "FIRST50", percentOff: 50, duration: "once" }).id,
      amount: createCoupon(world, { id: "MINUS5", amountOff: 500, currency: "usd" }).id,
    },
  };
}
