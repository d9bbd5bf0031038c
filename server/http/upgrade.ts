import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Database } from "#db/database.ts";
import { isAppError } from "#root/errors.ts";
import type { Logger } from "#root/log.ts";
import type { Principal } from "../trpc.ts";
import { createTurns } from "../turns.ts";
import { hostOf } from "./admit.ts";
import { bearerToken, findPrincipal } from "./attach-context.ts";
import { readCookie, sessionCookieName } from "./cookies.ts";
import { passesGate } from "./gate.ts";
import type { Origins } from "./origins.ts";
import { isLoopback } from "./patience.ts";

/** A request to speak WebSocket that came from a page of ours or with a token, by somebody who is signed in. */
export interface Upgrade {
  req: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  url: URL;
  principal: Principal;
  request: { id: string; ip: string; userAgent: string; origin: string };
  /** Answers in HTTP and ends it. Browsers do not show the status to pages: what a page must know is a close code. */
  refuse(status: RefusalStatus): void;
}

export interface UpgradeRoute {
  takes(path: string): boolean;
  accept(upgrade: Upgrade): void | Promise<void>;
  /** Ends every connection, those that have something to save after it is saved. */
  close(graceMs: number): Promise<void>;
}

const refusals = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  421: "Misdirected Request",
  429: "Too Many Requests",
  503: "Service Unavailable",
} as const;
type RefusalStatus = keyof typeof refusals;

export interface UpgradeRouter {
  /** Hangs a speaker of WebSocket in. */
  register(route: UpgradeRoute): void;
  handle(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no more, and closes what there is. */
  close(graceMs: number): Promise<void>;
}

/** The one door for every WebSocket: own host, own origin, who it is, how many from there. */
export function createUpgradeRouter(options: {
  db: Database;
  log: Logger;
  origins: () => Origins;
  trustedProxies: number;
  /** Open or opening, from one address; programs on this machine are not counted, nor whoever comes by a proxy of theirs. */
  socketsPerAddress: number;
  /** Vite speaks for itself, on the same port. */
  dev: boolean;
}): UpgradeRouter {
  const { db, log, origins, trustedProxies, socketsPerAddress, dev } = options;
  const routes: UpgradeRoute[] = [];
  const addresses = new Map<string, number>();
  // a thousand that come back at once ask the database one after the other, beside everybody else's requests
  const handshakes = createTurns({ atOnce: 6, waiting: 5_000, waitMs: 20_000 });
  let closing = false;

  function decide(req: IncomingMessage, own: Origins): RefusalStatus | { route: UpgradeRoute; url: URL } {
    if (closing) return 503;
    if (trustedProxies === 0) delete req.headers["x-forwarded-host"];
    const origin = own.ofHost(hostOf(req));
    if (origin === null) return 421;
    const refused = gateStatus(req, origin, own.https);
    if (refused) return refused;
    const url = URL.canParse(req.url ?? "", origin) ? new URL(req.url ?? "", origin) : null;
    if (!url) return 400;
    const route = routes.find((one) => one.takes(url.pathname));
    return route ? { route, url } : 404;
  }

  function takePlace(socket: Duplex, ip: string): boolean {
    if (isLoopback(ip)) return true;
    const open = (addresses.get(ip) ?? 0) + 1;
    if (open > socketsPerAddress) return false;
    addresses.set(ip, open);
    socket.once("close", () => {
      const left = (addresses.get(ip) ?? 1) - 1;
      if (left > 0) addresses.set(ip, left);
      else addresses.delete(ip);
    });
    return true;
  }

  return {
    register(route) {
      routes.push(route);
    },
    handle(req, socket, head) {
      if (dev && req.headers["sec-websocket-protocol"]?.startsWith("vite-")) return;
      // unheard, a peer that resets the connection would end the process
      socket.on("error", () => socket.destroy());
      const own = origins();
      const decided = decide(req, own);
      if (typeof decided === "number") {
        refuse(socket, decided);
        return;
      }
      const ip = addressOf(req, trustedProxies);
      if (!takePlace(socket, ip)) {
        refuse(socket, 429);
        return;
      }
      const { route, url } = decided;
      const admit = async () => {
        const principal = await handshakes.run("all", () => findPrincipal(db, req, own.https, () => {}));
        if (socket.destroyed) return;
        if (closing) return refuse(socket, 503);
        if (!principal) return refuse(socket, 401);
        const userAgent = (req.headers["user-agent"] ?? "").slice(0, 300);
        const request = { id: randomUUID(), ip, userAgent, origin: own.origin };
        await route.accept({
          ...{ req, socket, head, url, principal, request },
          refuse: (status) => refuse(socket, status),
        });
      };
      admit().catch((error: unknown) => {
        const known = isAppError(error) ? error.code : null;
        if (known !== "UNAUTHENTICATED") log.warn({ err: error }, "a WebSocket could not be opened");
        refuse(socket, known === "UNAUTHENTICATED" ? 401 : 503);
      });
    },
    async close(graceMs) {
      closing = true;
      await Promise.all(routes.map((route) => route.close(graceMs)));
    },
  };
}

/** Null: it may go on. Who shows nothing at all is told so; a cookie without an origin may be anybody's page. */
function gateStatus(req: IncomingMessage, origin: string, https: boolean): 401 | 403 | null {
  const { authorization, cookie, origin: from } = req.headers;
  const isBearer = authorization !== undefined && bearerToken(authorization) !== null;
  if (passesGate({ method: "UPGRADE", headers: req.headers, origin, isBearer })) return null;
  if (from !== undefined || isBearer) return 403;
  // with an Authorization header the cookie does not count
  const hasCookie = readCookie(cookie, sessionCookieName(https)) !== null;
  return authorization === undefined && hasCookie ? 403 : 401;
}

/** As Express finds it: only proxies of ours may say for whom they ask. */
function addressOf(req: IncomingMessage, trustedProxies: number): string {
  const forwarded = String(req.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  const hops = [req.socket.remoteAddress ?? "", ...forwarded.reverse()];
  return hops[Math.min(trustedProxies, hops.length - 1)] ?? "";
}

function refuse(socket: Duplex, status: RefusalStatus): void {
  if (socket.destroyed) return;
  const retry = status === 429 || status === 503 ? "Retry-After: 5\r\n" : "";
  const challenge = status === 401 ? 'WWW-Authenticate: Bearer realm="Jarvis360"\r\n' : "";
  socket.end(
    `HTTP/1.1 ${status} ${refusals[status]}\r\nConnection: close\r\n${retry}${challenge}Content-Length: 0\r\n\r\n`,
  );
}
