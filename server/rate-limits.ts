import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Limits } from "#root/env.ts";
import { AppError } from "#root/errors.ts";
import type { Principal } from "./trpc.ts";

/**
 * Counted in this process's memory: with n web processes a limit is up to n times as high, and a restart begins
 * anew. Nothing is ever locked for good: every limit is a short window, and the answer says when to come back.
 */
export interface RateLimits {
  /** One per call. @throws AppError RATE_LIMITED */
  request(key: string, calls?: number): Promise<void>;
  /**
   * Before a password is checked: per address and account, per address, per account from anywhere, and all together.
   * @param known this account has signed in from this address before: strangers' failures do not shut it out
   */
  attempt(ip: string, account: string, known: () => Promise<boolean>): Promise<void>;
  /** After a right password: the attempt does not count. */
  forgive(ip: string, account: string): Promise<void>;
  /** Making accounts and asking for a new password: hashing and mail that anybody may cause. */
  signUp(ip: string): Promise<void>;
  /** False when this address has been sent enough mail for now; the caller then answers as if it had been sent. */
  mayMail(recipient: string): Promise<boolean>;
}

export function createRateLimits(limits: Limits): RateLimits {
  const perMinute = (points: number) => new RateLimiterMemory({ points, duration: 60 });
  const requests = perMinute(limits.requestsPerMinute);
  const pair = perMinute(limits.loginPerMinute);
  const address = perMinute(limits.loginPerMinute * 3);
  const account = new RateLimiterMemory({ points: limits.loginPerMinute * 5, duration: 300 });
  const all = perMinute(limits.loginPerMinute * 100);
  const signUps = perMinute(limits.loginPerMinute * 6);
  const mails = new RateLimiterMemory({ points: 5, duration: 3600 });

  const consume = async (limiter: RateLimiterMemory, key: string, points = 1): Promise<void> => {
    try {
      await limiter.consume(key, points);
    } catch (rejected) {
      throw tooMany(rejected);
    }
  };

  return {
    request: (key, calls = 1) => consume(requests, key, calls),
    async attempt(ip, email, known) {
      const place = addressKey(ip);
      await consume(all, "all");
      await consume(address, place);
      await consume(pair, `${place} ${email}`);
      try {
        await account.consume(email);
      } catch (rejected) {
        if (!(await known())) throw tooMany(rejected);
      }
    },
    async forgive(ip, email) {
      const place = addressKey(ip);
      await Promise.all([
        all.reward("all"),
        address.reward(place),
        pair.delete(`${place} ${email}`),
        account.reward(email),
      ]);
    },
    signUp: (ip) => consume(signUps, addressKey(ip)),
    async mayMail(recipient) {
      try {
        await mails.consume(recipient);
        return true;
      } catch {
        return false;
      }
    },
  };
}

function tooMany(rejected: unknown): Error {
  if (!(rejected instanceof RateLimiterRes))
    return rejected instanceof Error ? rejected : new Error(String(rejected));
  const seconds = Math.max(1, Math.ceil(rejected.msBeforeNext / 1000));
  return new AppError("RATE_LIMITED", `Too many attempts. Try again in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  });
}

/** One household has a whole /64 of IPv6. */
function addressKey(ip: string): string {
  const plain = ip.replace(/^::ffff:/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::");
  const start = head.split(":").filter(Boolean);
  const end = (tail ?? "").split(":").filter(Boolean);
  const middle =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - start.length - end.length)).fill("0");
  return [...start, ...middle, ...end].slice(0, 4).join(":");
}

/** Counts the calls of a request against whoever asks: a token, a person, or else the address. */
export function chargeRequest(
  ctx: { limits: RateLimits; principal: Principal | null; request: { ip: string } },
  calls: number,
): Promise<void> {
  const { principal } = ctx;
  const key = principal ? `${principal.apiTokenId ?? principal.userId}` : addressKey(ctx.request.ip);
  return ctx.limits.request(key, calls);
}
