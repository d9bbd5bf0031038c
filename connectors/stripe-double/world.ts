import { Collection, type StripeObject } from "./collection.ts";
import { render } from "./render.ts";

/** The API version that the double speaks: that of the SDK. */
export const doubleVersion = "2026-10-28.endive";

const collections = [
  "products",
  "prices",
  "tax_rates",
  "coupons",
  "promotion_codes",
  "customers",
  "subscriptions",
  "subscription_schedules",
  "invoices",
  "invoice_payments",
  "charges",
  "refunds",
  "credit_notes",
  "discounts",
  "events",
] as const;
export type CollectionName = (typeof collections)[number];

export const isCollection = (name: string): name is CollectionName =>
  (collections as readonly string[]).includes(name);

const referenced: ReadonlySet<CollectionName> = new Set(["products", "prices", "coupons", "discounts"]);

/** All that one account holds in one mode. */
export class World {
  readonly collections: Record<CollectionName, Collection>;
  /** Seconds; set while the past is made up, else null. */
  time: number | null = null;
  /** False while a past is made up of which Stripe has no events any more. */
  tellsEvents = true;
  onEvent: (event: StripeObject) => void = () => {};
  /** Counts up when something changes that other objects are rendered with. */
  revision = 0;
  #count = 0;

  constructor(
    readonly account: StripeObject,
    readonly livemode: boolean,
    private readonly clock: () => number,
  ) {
    this.collections = Object.fromEntries(collections.map((name) => [name, new Collection()])) as Record<
      CollectionName,
      Collection
    >;
  }

  /** Seconds since 1970. */
  now(): number {
    return this.time ?? Math.floor(this.clock() / 1000);
  }

  /** The same in every run: 'cus_D000000001'. */
  newId(prefix: string): string {
    this.#count++;
    return `${prefix}_D${this.#count.toString(36).padStart(9, "0")}`;
  }

  get(collection: CollectionName, id: string): StripeObject {
    const object = this.collections[collection].get(id);
    if (!object) throw new Error(`The double has no ${id} among its ${collection}`);
    return object;
  }

  put<Made extends StripeObject>(
    collection: CollectionName,
    object: Made,
    options?: { listed?: boolean },
  ): Made {
    this.collections[collection].put(object, options);
    if (referenced.has(collection)) this.revision++;
    return object;
  }

  /** Changes fields of an object and tells the event with what they were before. */
  change(
    collection: CollectionName,
    id: string,
    fields: Record<string, unknown>,
    type: string | null,
  ): StripeObject {
    const before = this.get(collection, id);
    const after = this.put(collection, { ...before, ...fields });
    if (type !== null) {
      const shown = render(this, before, []);
      const previous = Object.fromEntries(Object.keys(fields).map((field) => [field, shown[field] ?? null]));
      this.tell(type, after, previous);
    }
    return after;
  }

  /** From now on it is neither listed nor, but for a customer, to be had. */
  remove(collection: CollectionName, id: string, type: string | null): void {
    const object = this.collections[collection].delete(id);
    if (object && type !== null) this.tell(type, object);
  }

  /** An event, kept and sent to whoever asked for webhooks. */
  tell(type: string, object: StripeObject, previous?: Record<string, unknown>): StripeObject | null {
    if (!this.tellsEvents) return null;
    const event = this.put("events", {
      id: this.newId("evt"),
      object: "event",
      api_version: doubleVersion,
      created: this.now(),
      data: {
        object: render(this, object, []),
        ...(previous ? { previous_attributes: previous } : {}),
      },
      livemode: this.livemode,
      pending_webhooks: 0,
      request: { id: null, idempotency_key: null },
      type,
    });
    this.onEvent(event);
    return event;
  }

  /** Whatever has this id. */
  find(id: string): StripeObject | null {
    for (const name of collections) {
      const object = this.collections[name].get(id);
      if (object) return object;
    }
    return null;
  }
}
