import { initTRPC, type TRPC_ERROR_CODE_KEY, TRPCError } from "@trpc/server";
import superjson from "superjson";
import type { OpenApiMeta } from "trpc-to-openapi";
import { ZodError } from "zod";
import { type Action, can, type Role } from "#contracts/permissions.ts";
import type { Database, OrgTx } from "#db/database.ts";
import type { Secrets } from "#db/secrets.ts";
import type { Env } from "#root/env.ts";
import { AppError, type ErrorCode, isAppError } from "#root/errors.ts";
import type { Logger } from "#root/log.ts";
import type { PasswordHasher } from "./auth/password.ts";
import { asAppError } from "./fault.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SharedReads } from "./shared-reads.ts";

/** Who asks: a person's browser session, or an API token bound to one organisation. */
export interface Principal {
  via: "session" | "token";
  userId: string;
  email: string;
  name: string;
  emailVerified: boolean;
  /** The organisation in view; null before one is chosen or after the last was left. */
  org: { id: string; name: string; role: Role } | null;
  /** Set for browser sessions. */
  sessionId: string | null;
  /** Set for API tokens, and for sessions that were made from one: those stay in its organisation. */
  apiTokenId: string | null;
}

export interface Context {
  db: Database;
  env: Env;
  log: Logger;
  principal: Principal | null;
  /** `origin`: scheme, host and port of this instance (BASE_URL, never the Host header); links in mails start with it. */
  request: { id: string; ip: string; userAgent: string; origin: string };
  limits: RateLimits;
  /** Of this request alone. */
  reads: SharedReads;
  passwords: PasswordHasher;
  secrets: Secrets;
  /** Sets or clears the session cookie on the response of this request. */
  setSessionCookie(token: string | null): void;
}

/** What a procedure says about its REST face: `openapi` as trpc-to-openapi reads it, and the status of success. */
export type RestMeta = OpenApiMeta & { status?: 200 | 201 | 202 };

/** tRPC code of every error code; a new one without a meaning here does not compile. */
export const trpcCode = {
  BAD_REQUEST: "BAD_REQUEST",
  UNAUTHENTICATED: "UNAUTHORIZED",
  FORBIDDEN: "FORBIDDEN",
  NOT_FOUND: "NOT_FOUND",
  CONFLICT: "CONFLICT",
  GONE: "NOT_FOUND",
  TOO_LARGE: "PAYLOAD_TOO_LARGE",
  UNSUPPORTED_MEDIA: "UNSUPPORTED_MEDIA_TYPE",
  UNPROCESSABLE: "UNPROCESSABLE_CONTENT",
  RATE_LIMITED: "TOO_MANY_REQUESTS",
  UNAVAILABLE: "SERVICE_UNAVAILABLE",
  INTERNAL: "INTERNAL_SERVER_ERROR",
} satisfies Record<ErrorCode, TRPC_ERROR_CODE_KEY>;

const t = initTRPC
  .context<Context>()
  .meta<RestMeta>()
  .create({
    transformer: superjson,
    // stack traces stay in the log
    isDev: false,
    errorFormatter({ shape, error, ctx }) {
      const app = isAppError(error.cause) ? error.cause : null;
      const invalid = error.cause instanceof ZodError ? error.cause : null;
      return {
        ...shape,
        message: publicMessage(error),
        data: {
          code: shape.data.code,
          httpStatus: shape.data.httpStatus,
          path: shape.data.path,
          reason: app?.extra.reason ?? null,
          details: app?.extra.details ?? (invalid ? { issues: issuesOf(invalid) } : null),
          requestId: ctx?.request.id ?? null,
        },
      };
    },
  });

/** What the caller may read of an error: never the text of one that we did not write. */
export function publicMessage(error: TRPCError): string {
  if (isAppError(error.cause)) return error.cause.message;
  if (error.code === "INTERNAL_SERVER_ERROR") return "Something went wrong on our side. It has been logged.";
  if (error.cause instanceof ZodError) return "Some of the values cannot be used.";
  return error.message;
}

export const issuesOf = (error: ZodError) =>
  error.issues.map((issue) => ({
    path: issue.path.map(String).join("."),
    // of a key, what is wrong with it says more than that it is wrong
    message: (issue.code === "invalid_key" ? issue.issues[0]?.message : null) ?? issue.message,
  }));

/** AppError → TRPCError, for every procedure. */
const mapErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const known = asAppError(result.error.cause);
  if (known) throw new TRPCError({ code: trpcCode[known.code], message: known.message, cause: known });
  return result;
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Anybody, signed in or not. */
export const publicProcedure = t.procedure.use(mapErrors);

/** A person or token that is signed in; no organisation needed. */
export const userProcedure = publicProcedure.use(({ ctx, next }) => {
  if (!ctx.principal) throw new AppError("UNAUTHENTICATED", "Sign in first.");
  return next({ ctx: { ...ctx, principal: ctx.principal } });
});

/** A person at a browser: what concerns the account itself is closed to API tokens and to sessions made from one. */
export const personProcedure = userProcedure.use(({ ctx, next }) => {
  const { sessionId, apiTokenId } = ctx.principal;
  if (!sessionId || apiTokenId)
    throw new AppError("FORBIDDEN", "An API token cannot do this. Sign in with your password.", {
      reason: "session_required",
    });
  return next({ ctx: { ...ctx, sessionId } });
});

/**
 * Somebody who may do `action` in the organisation in view. `ctx.org` is the proof; `ctx.inOrg` opens a transaction
 * inside it, `ctx.read` joins the one that the request's small questions share.
 */
export const orgProcedure = (action: Action) =>
  userProcedure.use(({ ctx, next }) => {
    const { org } = ctx.principal;
    if (!org)
      throw new AppError("FORBIDDEN", "Choose or create an organisation first.", {
        reason: "no_organisation",
      });
    if (!can(org.role, action))
      throw new AppError("FORBIDDEN", `Your role (${org.role}) does not allow this.`, {
        details: { action },
      });
    const inOrg = <T>(
      fn: (tx: OrgTx) => Promise<T>,
      options?: Parameters<Database["withOrg"]>[2],
    ): Promise<T> => ctx.db.withOrg(org.id, fn, { userId: ctx.principal.userId, ...options });
    const read = <T>(fn: (tx: OrgTx) => Promise<T>): Promise<T> =>
      ctx.reads.read(org.id, ctx.principal.userId, fn);
    return next({ ctx: { ...ctx, org, inOrg, read } });
  });
