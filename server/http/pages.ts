import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRequestHandler } from "@remix-run/express";
import type { AppLoadContext, ServerBuild } from "@remix-run/node";
import type { Request, RequestHandler, Response } from "express";
import type { Me } from "#contracts/accounts.ts";
import { findLastEvent } from "#db/queries/events.ts";
import { AppError } from "#root/errors.ts";
import type { LoadContext } from "../load-context.ts";
import { chargeRequest } from "../rate-limits.ts";
import { createCaller } from "../router.ts";
import type { Context } from "../trpc.ts";
import { contextOf, stateOf } from "./request-state.ts";

/** Where the pages come from: what `npm run build` made, or Vite while developing. */
export type PageSource = () => Promise<ServerBuild>;

export const builtPages = (buildDir: string): PageSource => {
  let loaded: Promise<ServerBuild> | null = null;
  return () => {
    loaded ??= import(pathToFileURL(join(buildDir, "server", "index.js")).href) as Promise<ServerBuild>;
    return loaded;
  };
};

/** Everything that is neither a file nor an API: Remix, with the caller of procedures in its load context. */
export function pages(source: PageSource, options: { mode: string; jsonBytes: number }): RequestHandler {
  const handle = createRequestHandler({
    build: source,
    mode: options.mode,
    getLoadContext: async (req, res): Promise<AppLoadContext> => ({ ...(await loadContext(req, res)) }),
  });
  return (req, res, next) => {
    try {
      requireSmallForm(req, options.jsonBytes);
    } catch (error) {
      next(error);
      return;
    }
    // what loaders answer is somebody's own; pages set theirs in app/entry.server.tsx
    if (req.path.endsWith(".data")) res.setHeader("Cache-Control", "no-store");
    handle(req, res, next).catch(next);
  };
}

/** A vendor's report that is given to be compared with: of many customers over years. */
const reportPath = /^\/sources\/[0-9a-f-]{36}\/reconcile(\.data)?$/;
const reportBytes = 33 * 1024 * 1024;

/** Remix reads a form whole: one without a length, or too long, is refused before. */
function requireSmallForm(req: Request, jsonBytes: number): void {
  const maxBytes = reportPath.test(req.path) ? Math.max(reportBytes, jsonBytes) : jsonBytes;
  if (req.method === "GET" || req.method === "HEAD") return;
  if (req.headers["transfer-encoding"] !== undefined)
    throw new AppError("BAD_REQUEST", "Send a form with its length.");
  if (Number(req.headers["content-length"] ?? 0) > maxBytes)
    throw new AppError("TOO_LARGE", `The form is larger than ${maxBytes} bytes.`);
}

async function loadContext(req: Request, res: Response): Promise<LoadContext> {
  const ctx = await contextOf(res);
  await chargeRequest(ctx, 1);
  const feedFrom = await findFeedStart(req, ctx);
  const { cspNonce, log } = stateOf(res);
  const { principal, request } = ctx;
  const trpc = createCaller(ctx);
  let me: Promise<Me> | null = null;
  return {
    trpc,
    cspNonce,
    log,
    signedIn: principal && {
      email: principal.email,
      name: principal.name,
      organisation: principal.org && { id: principal.org.id, name: principal.org.name },
    },
    me() {
      me ??= trpc.account.me();
      return me;
    },
    baseUrl: request.origin,
    requestId: request.id,
    feedFrom,
  };
}

/** Read before any loader is: what commits between the two is then told, not lost. Single routes have their page's already. */
async function findFeedStart(req: Request, { db, principal }: Context): Promise<string | null> {
  const isWhole = !/[?&]_routes=/.test(req.originalUrl);
  if (req.method !== "GET" || !isWhole || !principal?.org) return null;
  return String(await db.withOrg(principal.org.id, findLastEvent, { readOnly: true }));
}
