import Stripe from "stripe";
import type { StripeObject } from "./collection.ts";
import type { World } from "./world.ts";

export interface DoubleEndpoint {
  world: World;
  url: string;
  /** While one is being replaced Stripe signs with both. */
  secrets: string[];
}

export interface Delivery {
  eventId: string;
  url: string;
  /** Null: nobody answered. */
  status: number | null;
  /** How long the answer took, milliseconds. */
  tookMs: number;
}

/** Sends events to whoever asked for them, signed as Stripe signs. */
export class Webhooks {
  readonly endpoints: DoubleEndpoint[] = [];
  readonly deliveries: Delivery[] = [];
  /** False: events are kept, and nobody is told (an outage). */
  on = true;
  readonly #stripe = new Stripe("sk_test_double");
  readonly #running = new Set<Promise<unknown>>();

  constructor(private readonly clock: () => number) {}

  add(endpoint: DoubleEndpoint): DoubleEndpoint {
    this.endpoints.push(endpoint);
    return endpoint;
  }

  told(world: World, event: StripeObject): void {
    if (!this.on) return;
    for (const endpoint of this.endpoints.filter((one) => one.world === world))
      this.#keep(this.send(endpoint.url, event, endpoint.secrets));
  }

  /** When all that was under way has been answered. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Sends one event, by need with another time or signature than Stripe would. */
  async send(
    url: string,
    event: Record<string, unknown>,
    secrets: readonly string[],
    { at = this.clock(), body = JSON.stringify(event, null, 2) }: { at?: number; body?: string } = {},
  ): Promise<Delivery> {
    const began = performance.now();
    const status = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": this.sign(body, secrets, at),
      },
      body,
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => null,
    );
    const delivery = { eventId: String(event.id), url, status, tookMs: performance.now() - began };
    this.deliveries.push(delivery);
    return delivery;
  }

  /** The header's value: `t=…,v1=…[,v1=…]`. */
  sign(body: string, secrets: readonly string[], at = this.clock()): string {
    const timestamp = Math.floor(at / 1000);
    const signatures = secrets.map((secret) =>
      this.#stripe.webhooks
        .generateTestHeaderString({ payload: body, secret, timestamp })
        .split(",")
        .slice(1)
        .join(","),
    );
    return [`t=${timestamp}`, ...signatures].join(",");
  }

  #keep(sending: Promise<unknown>): void {
    this.#running.add(sending);
    void sending.finally(() => this.#running.delete(sending));
  }
}
