import { itemsOf } from "./billing.ts";
import type { StripeObject } from "./collection.ts";
import type { World } from "./world.ts";

/** A schedule that changes a subscription's first item at the end of its period. */
export function createSchedule(
  world: World,
  subscriptionId: string,
  { price }: { price: string },
): StripeObject {
  const subscription = world.get("subscriptions", subscriptionId);
  const [item] = itemsOf(subscription);
  const start = Number(subscription.start_date);
  const end = item!.current_period_end;
  const phase = (from: number, until: number, of: string) => ({
    add_invoice_items: [],
    currency: subscription.currency,
    default_tax_rates: [],
    discounts: [],
    end_date: until,
    items: [{ discounts: [], metadata: {}, plan: of, price: of, quantity: item!.quantity, tax_rates: [] }],
    metadata: {},
    proration_behavior: "create_prorations",
    start_date: from,
    trial_end: null,
  });
  const schedule = world.put("subscription_schedules", {
    id: world.newId("sub_sched"),
    object: "subscription_schedule",
    created: world.now(),
    billing_mode: subscription.billing_mode,
    canceled_at: null,
    completed_at: null,
    current_phase: { end_date: end, start_date: start },
    customer: subscription.customer,
    end_behavior: "release",
    livemode: world.livemode,
    metadata: {},
    phases: [phase(start, end, item!.price), phase(end, end + 31 * 86_400, price)],
    released_at: null,
    released_subscription: null,
    status: "active",
    subscription: subscriptionId,
    test_clock: null,
  });
  world.change("subscriptions", subscriptionId, { schedule: schedule.id }, "customer.subscription.updated");
  world.tell("subscription_schedule.created", schedule);
  return schedule;
}
