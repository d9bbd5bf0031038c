import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler, Response } from "express";
import type { Database } from "#db/database.ts";
import type { Secrets } from "#db/secrets.ts";
import type { Env } from "#root/env.ts";
import { AppError } from "#root/errors.ts";
import type { PasswordHasher } from "../auth/password.ts";
import { findSessionPrincipal, findTokenPrincipal } from "../auth/principal.ts";
import type { RateLimits } from "../rate-limits.ts";
import { createSharedReads } from "../shared-reads.ts";
import type { Context, Principal } from "../trpc.ts";
import { readCookie, sessionCookieName, setSessionCookie } from "./cookies.ts";
import type { Origins } from "./origins.ts";
import { stateOf } from "./request-state.ts";

export interface ContextDeps {
  db: Database;
  env: Env;
  limits: RateLimits;
  passwords: PasswordHasher;
  secrets: Secrets;
  origins: () => Origins;
}

/** Lets whatever answers a request ask who asks, once. */
export function attachContext(deps: ContextDeps): RequestHandler {
  return (req, res, next) => {
    let made: Promise<Context> | null = null;
    stateOf(res).context = () => {
      made ??= createContext(deps, req, res);
      return made;
    };
    next();
  };
}

async function createContext(deps: ContextDeps, req: Request, res: Response): Promise<Context> {
  const { db, env, limits, passwords, secrets } = deps;
  const { id, log } = stateOf(res);
  const { origin, https } = deps.origins();
  const cookie = (value: string | null) => {
    if (!res.headersSent) setSessionCookie(res, https, value);
  };
  return {
    db,
    env,
    log,
    limits,
    reads: createSharedReads(db),
    passwords,
    secrets,
    principal: await findPrincipal(db, req, https, cookie),
    request: { id, origin, ip: req.ip ?? "", userAgent: req.headers["user-agent"] ?? "" },
    setSessionCookie: cookie,
  };
}

/** A request with an Authorization header is that token's, whatever cookie comes with it. */
export async function findPrincipal(
  db: Database,
  req: Pick<IncomingMessage, "headers">,
  https: boolean,
  cookie: (value: string | null) => void,
): Promise<Principal | null> {
  const { authorization } = req.headers;
  if (authorization !== undefined) {
    const token = bearerToken(authorization);
    const principal = token === null ? null : await findTokenPrincipal(db, token);
    if (!principal)
      throw new AppError("UNAUTHENTICATED", "This API token does not exist or has been deleted.", {
        reason: "invalid_token",
      });
    return principal;
  }
  const secret = readCookie(req.headers.cookie, sessionCookieName(https));
  if (!secret) return null;
  const found = await findSessionPrincipal(db, secret);
  if (found?.renewed) cookie(secret);
  return found?.principal ?? null;
}

export const bearerToken = (header: string): string | null =>
  /^Bearer +([\x21-\x7e]{1,300})$/i.exec(header)?.[1] ?? null;
