import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type DoubleRequest, Faults, strike } from "./faults.ts";
import { type DoubleAccount, type DoubleKey, Refusal, requireExpandable, requireKey } from "./keys.ts";
import { DoubleOAuth } from "./oauth.ts";
import { madeAccount } from "./objects.ts";
import { answer } from "./routes.ts";
import { Webhooks } from "./webhooks.ts";
import { doubleVersion, World } from "./world.ts";

export interface DoubleOptions {
  /** 0: any that is free. */
  port?: number;
  /** Milliseconds since 1970; whoever sets another one sees it in the `Date` of each answer, and in new objects. */
  clock?: () => number;
}

/** Stripe's API over HTTP, held in memory. Set `STRIPE_API_BASE` to its `url`. */
export class StripeDouble {
  readonly faults = new Faults();
  readonly webhooks: Webhooks;
  readonly oauth = new DoubleOAuth((account, livemode) => this.createKey(account, { livemode }));
  readonly accounts = new Map<string, DoubleAccount>();
  readonly keys = new Map<string, DoubleKey>();
  /** The newest requests, at most `keptRequests`. */
  readonly requests: DoubleRequest[] = [];
  /** How long each answer takes, milliseconds. */
  latencyMs = 0;
  clock: () => number;
  readonly #server = createServer((request, response) => this.#handle(request, response));
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(clock: () => number) {
    this.clock = clock;
    this.webhooks = new Webhooks(() => this.clock());
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.webhooks.settled();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** An account of its own, empty in both modes. */
  createAccount(id = `acct_D${this.accounts.size + 1}`, name = "Double Ltd"): DoubleAccount {
    const object = madeAccount(id, name);
    const world = (livemode: boolean) => {
      const made = new World(object, livemode, () => this.clock());
      made.onEvent = (event) => this.webhooks.told(made, event);
      return made;
    };
    const account = { object, live: world(true), test: world(false) };
    this.accounts.set(id, account);
    return account;
  }

  /** A restricted key; `forbidden` names collections ('charges') that it may not read. */
  createKey(
    account: DoubleAccount,
    {
      value,
      livemode = false,
      forbidden = [],
    }: { value?: string; livemode?: boolean; forbidden?: string[] } = {},
  ): DoubleKey {
    const made =
      value ?? `rk_${livemode ? "live" : "test"}_double${String(this.keys.size + 1).padStart(18, "0")}`;
    const key = { value: made, account, livemode, forbidden: new Set(forbidden), revoked: false };
    this.keys.set(made, key);
    return key;
  }

  /** How often something was asked for. */
  countRequests(pathBegin: string): number {
    return this.requests.filter(({ path }) => path.startsWith(pathBegin)).length;
  }

  #handle(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? "/", "http://double");
    if (this.oauth.takes(url.pathname)) {
      void this.oauth.answer(incoming, response);
      return;
    }
    incoming.resume();
    const request = {
      path: url.pathname,
      query: url.searchParams,
      at: Date.now(),
      headers: incoming.headers,
    };
    this.requests.push(request);
    if (this.requests.length > keptRequests) this.requests.splice(0, keptRequests / 2);
    const answerIt = () => {
      this.#answer(request, incoming, response).catch((error: Error) => response.destroy(error));
    };
    if (this.latencyMs === 0) {
      answerIt();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      answerIt();
    }, this.latencyMs);
    this.#timers.add(timer);
  }

  async #answer(request: DoubleRequest, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.faults.prepare(request);
    const fault = this.faults.take(request);
    response.setHeader("Date", new Date(this.clock()).toUTCString());
    response.setHeader("Stripe-Version", incoming.headers["stripe-version"] ?? doubleVersion);
    response.setHeader("Request-Id", `req_D${this.requests.length}`);
    try {
      const body = () => {
        const { key, world } = this.#open(request, incoming);
        requireExpandable(key, request.query);
        return answer(world, request.path, request.query);
      };
      if (fault) strike(response, fault, body);
      else send(response, 200, body());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
      send(response, error.status, JSON.stringify({ error: error.error }));
    }
  }

  #open({ path }: DoubleRequest, incoming: IncomingMessage): { key: DoubleKey; world: World } {
    if (incoming.method !== "GET")
      throw new Refusal(403, { type: "invalid_request_error", message: "This key may only read." });
    const key = requireKey(this.keys, incoming.headers.authorization, path.split("/")[2] ?? "");
    const connected = incoming.headers["stripe-account"];
    const account = connected === undefined ? key.account : this.accounts.get(String(connected));
    if (!account)
      throw new Refusal(403, {
        type: "invalid_request_error",
        code: "account_invalid",
        message: `The provided key does not have access to account '${String(connected)}' (or that account does not exist). Application access may have been revoked.`,
      });
    return { key, world: key.livemode ? account.live : account.test };
  }
}

const keptRequests = 20_000;

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** A double that listens. */
export async function startStripeDouble({
  port = 0,
  clock = Date.now,
}: DoubleOptions = {}): Promise<StripeDouble> {
  const double = new StripeDouble(clock);
  await double.listen(port);
  return double;
}
