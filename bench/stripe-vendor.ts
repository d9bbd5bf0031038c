import type { StripeObject } from "#connectors/stripe-double/collection.ts";
import { generateWorld } from "#connectors/stripe-double/generate.ts";
import { startStripeDouble } from "#connectors/stripe-double/server.ts";
import { changeItems } from "#connectors/stripe-double/subscriptions.ts";

/** A Stripe account in a process of its own, for `bench/stripe.ts`: what it is told to do comes over IPC, one at a time. */
export type VendorOrder =
  | { do: "generate"; customers: number }
  | { do: "latency"; ms: number }
  | { do: "webhooks"; url: string; secret: string }
  /** Another seat for somebody who pays in dollars. */
  | { do: "change" };

export interface VendorAnswer {
  url: string;
  key: string;
  /** When the change was made and told, milliseconds since 1970. */
  at: number;
  /** Objects by stream. */
  sizes: Record<string, number>;
}

const double = await startStripeDouble();
const account = double.createAccount("acct_bench", "Bench Ltd");
const key = double.createKey(account, { value: "rk_test_bench" }).value;
const world = account.test;
let changed = 0;

type Items = { data: { id: string; quantity?: number; price: string | { id: string } }[] };

/** In steps of tiers another seat may cost nothing. */
const isPerUnit = (price: string | { id: string }): boolean => {
  const { billing_scheme, unit_amount } = world.get("prices", typeof price === "string" ? price : price.id);
  return billing_scheme === "per_unit" && Number(unit_amount) > 0;
};

/** Subscriptions with one plain item, in dollars, that run. */
const running = (): StripeObject[] =>
  world.collections.subscriptions.all().filter((one) => {
    const items = (one.items as Items).data;
    const isPlain = one.status === "active" && one.currency === "usd" && one.cancel_at === null;
    return isPlain && items.length === 1 && isPerUnit(items[0]!.price);
  });
let candidates: StripeObject[] = [];

function follow(order: VendorOrder): number {
  switch (order.do) {
    case "generate":
      generateWorld(world, { customers: order.customers });
      candidates = running();
      return 0;
    case "latency":
      double.latencyMs = order.ms;
      return 0;
    case "webhooks":
      double.webhooks.add({ world, url: order.url, secrets: [order.secret] });
      return 0;
    case "change": {
      const subscription = world.get("subscriptions", candidates[changed++ % candidates.length]!.id);
      const [item] = (subscription.items as Items).data;
      const at = Date.now();
      changeItems(world, subscription.id, [{ item: item!.id, quantity: (item!.quantity ?? 1) + 1 }]);
      return at;
    }
  }
}

process.on("message", (order: VendorOrder) => {
  const at = follow(order);
  const sizes = Object.fromEntries(
    Object.entries(world.collections).map(([name, collection]) => [name, collection.size]),
  );
  process.send?.({ url: double.url, key, at, sizes } satisfies VendorAnswer);
});
process.once("disconnect", () => process.exit(0));
