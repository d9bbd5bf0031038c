import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import Stripe from "stripe";
import { type ConnectOptions, ConnectorError } from "../connector.ts";
import { failureOf, withoutKeys } from "./faults.ts";
import { createHttpClient } from "./http-client.ts";
import { type Limiter, limiterOf } from "./limiter.ts";
import type { Body } from "./streams.ts";

export interface StripeCredentials {
  /** `rk_…`, `sk_…`, or an access token of OAuth. */
  apiKey: string;
}

/** What the code here was written for. A newer SDK speaks a newer version, which only a person may decide. */
export const apiVersion = "2026-10-28.endive";

/** How patient a request is. */
export interface Patience {
  /** For one answer, milliseconds. */
  timeoutMs: number;
  /** For all tries together: nothing takes longer, whatever happens. */
  totalMs: number;
  /** The wait after the first 429 that names none, and after the first fault of the wire; each next one is twice as long. */
  busyMs: number;
  passingMs: number;
}
export const patience: Patience = { timeoutMs: 30_000, totalMs: 75_000, busyMs: 1_000, passingMs: 400 };
const busyTries = 5;
const passingTries = 4;
/** Longer than this is not waited for here: the job is put off. */
const longestWaitMs = 20_000;

export interface Answer {
  body: Body;
  /** Stripe's clock, milliseconds. */
  at: number;
  apiVersion: string;
}

/** There is no such object, or the one that a page was to begin after is gone. */
export class Missing extends Error {
  constructor(
    readonly param: string | null,
    /** Stripe's clock when it said so, milliseconds. */
    readonly at: number,
    readonly apiVersion: string,
  ) {
    super("Stripe has no such object");
  }
}

/** One account over the SDK: what is asked waits for its turn, and is asked again where that helps. */
export class Client {
  /** By stream, how much less than all is to be put in (`expanded.ts`). */
  readonly expandedLess = new Map<string, number>();
  readonly #stripe: Stripe;
  readonly #limiter: Limiter | null;
  readonly #prefix: string;

  /** @throws ConnectorError `credentials_refused` */
  constructor(
    private readonly options: ConnectOptions<StripeCredentials>,
    private readonly patience: Patience,
  ) {
    const { credentials, account, apiBase, limited } = options;
    const { apiKey } = credentials;
    if (!/^[\x21-\x7e]+$/.test(apiKey))
      throw new ConnectorError(
        "credentials_refused",
        "This is not a Stripe key: it has characters that no key has.",
      );
    const base = apiBase === null ? null : new URL(apiBase);
    this.#prefix = base?.pathname.replace(/\/$/, "") ?? "";
    this.#stripe = new Stripe(apiKey, {
      apiVersion,
      telemetry: false,
      // asked again by `ask`, which knows when to stop; the SDK neither reads Retry-After nor repeats a body that was cut
      maxNetworkRetries: 0,
      timeout: patience.timeoutMs,
      httpClient: createHttpClient(),
      appInfo: { name: "Jarvis360" },
      ...(account === null ? {} : { stripeAccount: account }),
      ...(base === null ? {} : addressOf(base)),
    });
    const name = createHash("sha256")
      .update(`${apiKey} ${account ?? ""} ${apiBase ?? ""}`)
      .digest("base64");
    this.#limiter = limited ? limiterOf(name, isLive(apiKey) ?? false) : null;
  }

  /** Null: the key does not say it. */
  get livemode(): boolean | null {
    return isLive(this.options.credentials.apiKey);
  }

  /**
   * GET. @param path '/v1/customers' @param asked 'customers', for messages
   * @throws Missing, ConnectorError, the reason of `signal`
   */
  async ask(
    path: string,
    query: URLSearchParams | null,
    asked: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const separator = path.includes("?") ? "&" : "?";
    const address = query === null || query.size === 0 ? path : `${path}${separator}${query.toString()}`;
    const endpoint = path.split(/[?]/)[0]!.split("/").slice(0, 3).join("/");
    const limit = limitOf(signal, this.patience.totalMs);
    try {
      return await this.#askWithin(address, endpoint, asked, signal, limit.signal);
    } finally {
      limit.clear();
    }
  }

  async #askWithin(
    address: string,
    endpoint: string,
    asked: string,
    signal: AbortSignal,
    limit: AbortSignal,
  ): Promise<Answer> {
    const until = performance.now() + this.patience.totalMs;
    for (let attempt = 1; ; attempt++) {
      try {
        const once = () => this.#once(address, limit);
        return await (this.#limiter ? this.#limiter.run(endpoint, limit, once) : once());
      } catch (error) {
        if (limit.aborted) throw abortReason(signal);
        const failure = failureOf(error, asked);
        if (failure.kind === "missing") throw new Missing(failure.param, ...stampOf(failure.headers));
        if (failure.kind === "final") throw failure.error;
        const isBusy = failure.kind === "busy";
        const ms = isBusy ? this.#busyWait(failure.retryAfterMs, attempt) : this.#passingWait(attempt);
        const isLast = attempt >= (isBusy ? busyTries : passingTries) || ms > longestWaitMs;
        if (isLast || performance.now() + ms > until) throw isBusy ? busy(ms) : unwell(error);
        if (isBusy) this.#limiter?.pause(ms);
        await wait(ms, undefined, { signal }).catch(() => {
          throw abortReason(signal);
        });
      }
    }
  }

  async #once(address: string, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const asked = this.#stripe.rawRequest("GET", `${this.#prefix}${address}`);
    const answer = (await unlessAborted(asked, signal)) as unknown;
    const { headers } = (answer as { lastResponse: { headers: Headers } }).lastResponse;
    const [at, version] = stampOf(headers);
    return { body: answer as Body, at, apiVersion: version };
  }

  #busyWait(asked: number | null, attempt: number): number {
    return asked ?? Math.min(32_000, this.patience.busyMs * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2);
  }

  #passingWait(attempt: number): number {
    return this.patience.passingMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  }
}

type Headers = Readonly<Record<string, string | undefined>>;

/** Stripe's clock and the version that it spoke. */
function stampOf(headers: Headers): [at: number, version: string] {
  const date = Date.parse(headers.date ?? "");
  return [Number.isNaN(date) ? Date.now() : date, headers["stripe-version"] ?? apiVersion];
}

function isLive(apiKey: string): boolean | null {
  const mode = /^[a-z]+_(live|test)_/.exec(apiKey)?.[1];
  return mode === undefined ? null : mode === "live";
}

function addressOf(base: URL): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> {
  const protocol = base.protocol === "http:" ? "http" : "https";
  return {
    protocol,
    host: base.hostname.replace(/^\[|\]$/g, ""),
    port: base.port || (protocol === "http" ? 80 : 443),
  };
}

/** Rejects when it aborts. The request itself goes on until its own timeout, and nobody hears of it. */
async function unlessAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = () => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([asked, aborted]);
  } finally {
    // whoever listens on holds the answer: a whole page for every request of the last minute
    signal.removeEventListener("abort", leave);
  }
}

/** Aborts with `signal`, and after so long; `clear` it: `AbortSignal.timeout` would be kept, and all that it leads to, until then. */
function limitOf(signal: AbortSignal, ms: number): { signal: AbortSignal; clear(): void } {
  const limit = new AbortController();
  const leave = () => limit.abort(signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  const timer = setTimeout(() => limit.abort(new DOMException("it took too long", "TimeoutError")), ms);
  return {
    signal: limit.signal,
    clear() {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
    },
  };
}

/** Whoever set a time hears that Stripe did not answer in it; whoever stopped, his own reason. */
function abortReason(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  if (signal.aborted && !(reason instanceof DOMException && reason.name === "TimeoutError")) return reason;
  return new ConnectorError("unavailable", "Stripe did not answer in time.");
}

const busy = (retryAfterMs: number): ConnectorError =>
  new ConnectorError("rate_limited", "Stripe asks for fewer requests.", { retryAfterMs });

/** The cause in words alone: an SDK's error holds a whole answer. */
const unwell = (error: unknown): ConnectorError =>
  new ConnectorError("unavailable", "Stripe could not be reached, or is not well.", {
    cause: error instanceof Error ? withoutKeys(error.message) : undefined,
  });
