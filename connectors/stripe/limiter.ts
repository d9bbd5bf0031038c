import { setTimeout as wait } from "node:timers/promises";

/**
 * Stripe's limits, of which half are used: the rest is left to what else the account does. docs.stripe.com/rate-limits: 100 requests
 * a second in live mode and 25 in test mode, and 25 to each endpoint.
 */
const share = 0.5;
const perSecond = { live: 100 * share, test: 25 * share, endpoint: 25 * share };
/** After a rest: with what follows in the same second it is still below Stripe's limits. */
const burst = { all: 12, endpoint: 4 };
const atOnce = 10;

/** Lets through so many a second, and after a rest a few more at once. */
class Pace {
  #due = 0;
  constructor(
    private readonly everyMs: number,
    private readonly burst: number,
  ) {}

  /** Takes a place. @returns how long to wait for it, milliseconds */
  take(now: number): number {
    this.#due = Math.max(this.#due, now) + this.everyMs;
    return Math.max(0, this.#due - this.everyMs * this.burst - now);
  }
}

/** Where requests to one account wait for their turn. */
export class Limiter {
  readonly #all: Pace;
  readonly #endpoints = new Map<string, Pace>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #pausedUntil = 0;

  constructor(
    livemode: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#all = new Pace(1_000 / (livemode ? perSecond.live : perSecond.test), burst.all);
  }

  /** Runs it when its turn has come. @throws the reason of `signal` */
  async run<Result>(endpoint: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.#enter(signal);
    try {
      const pause = this.#pausedUntil - this.now();
      if (pause > 0) await wait(pause, undefined, { signal });
      const ms = Math.max(this.#all.take(this.now()), this.#pace(endpoint).take(this.now()));
      if (ms > 0) await wait(ms, undefined, { signal });
      return await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** Stripe asked for patience: nobody goes on before. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.now() + ms);
  }

  #pace(endpoint: string): Pace {
    const pace = this.#endpoints.get(endpoint) ?? new Pace(1_000 / perSecond.endpoint, burst.endpoint);
    this.#endpoints.set(endpoint, pace);
    return pace;
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#running >= atOnce) {
      await new Promise<void>((resolve, reject) => {
        const stop = () => {
          this.#waiting.splice(this.#waiting.indexOf(go), 1);
          reject(signal.reason as Error);
        };
        const go = () => {
          signal.removeEventListener("abort", stop);
          resolve();
        };
        this.#waiting.push(go);
        signal.addEventListener("abort", stop, { once: true });
      });
    }
    this.#running++;
  }
}

const kept = new Map<string, Limiter>();
const mostKept = 1_000;

/** The same for everybody in this process who reads the same account. @param name what says which: never a key itself */
export function limiterOf(name: string, livemode: boolean): Limiter {
  const limiter = kept.get(name) ?? new Limiter(livemode);
  // what was used last stands last
  kept.delete(name);
  kept.set(name, limiter);
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  return limiter;
}
