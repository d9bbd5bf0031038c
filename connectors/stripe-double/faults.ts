import type { ServerResponse } from "node:http";

/** What can go wrong on the way of one answer. */
export type Fault =
  | { kind: "rate_limited"; retryAfterSeconds?: number }
  | { kind: "status"; status: number }
  /** Headers and half of the body, then nothing: the connection is gone. */
  | { kind: "cut" }
  /** Before the first byte. */
  | { kind: "reset" }
  /** No answer, ever. */
  | { kind: "hang" };

export interface DoubleRequest {
  /** '/v1/customers' */
  path: string;
  query: URLSearchParams;
  /** Milliseconds since 1970, of this machine. */
  at: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

type Match = (request: DoubleRequest) => boolean;

/** Faults in waiting: each strikes as often as it was asked to, then things go well again. */
export class Faults {
  #waiting: { fault: Fault; left: number; match: Match }[] = [];
  #hooks: { act: (request: DoubleRequest) => unknown; left: number; match: Match }[] = [];

  /** @param match a path's beginning ('/v1/customers'), or what decides by the request */
  add(fault: Fault, { times = 1, match = "" }: { times?: number; match?: string | Match } = {}): void {
    this.#waiting.push({ fault, left: times, match: matcher(match) });
  }

  /** Does something just before an answer is made, which waits for its promise: what a page changes by while it is listed. */
  before(
    act: (request: DoubleRequest) => unknown,
    { times = 1, match = "" }: { times?: number; match?: string | Match } = {},
  ): void {
    this.#hooks.push({ act, left: times, match: matcher(match) });
  }

  clear(): void {
    this.#waiting = [];
    this.#hooks = [];
  }

  /** What was to be done before this request is answered is done. */
  async prepare(request: DoubleRequest): Promise<void> {
    for (const hook of this.#hooks.filter(({ left, match }) => left > 0 && match(request))) {
      hook.left--;
      await hook.act(request);
    }
  }

  take(request: DoubleRequest): Fault | null {
    const found = this.#waiting.find(({ left, match }) => left > 0 && match(request));
    if (!found) return null;
    found.left--;
    return found.fault;
  }
}

const matcher = (match: string | Match): Match =>
  typeof match === "string" ? ({ path }) => path.startsWith(match) : match;

/** Sends what the fault leaves of an answer. */
export function strike(response: ServerResponse, fault: Fault, body: () => string): void {
  switch (fault.kind) {
    case "rate_limited":
      if (fault.retryAfterSeconds !== undefined)
        response.setHeader("Retry-After", String(fault.retryAfterSeconds));
      response.setHeader("Stripe-Rate-Limited-Reason", "endpoint-rate");
      response.writeHead(429, { "Content-Type": "application/json" });
      response.end(
        JSON.stringify({
          error: {
            type: "invalid_request_error",
            code: "rate_limit",
            message:
              "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
          },
        }),
      );
      return;
    case "status":
      response.writeHead(fault.status, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: { type: "api_error", message: "An unknown error occurred" } }));
      return;
    case "cut": {
      const bytes = Buffer.from(body());
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": bytes.length });
      response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
      return;
    }
    case "reset":
      response.destroy();
      return;
    case "hang":
      return;
  }
}
