import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Database } from "#db/database.ts";
import type { Secrets } from "#db/secrets.ts";
import type { Env } from "#root/env.ts";
import type { Logger } from "#root/log.ts";
import type { PasswordHasher } from "../auth/password.ts";
import type { RightsWatch } from "../auth/watch-rights.ts";
import { asAppError } from "../fault.ts";
import { createPlaces } from "../http/places.ts";
import type { Upgrade, UpgradeRoute } from "../http/upgrade.ts";
import type { RateLimits } from "../rate-limits.ts";
import { createSharedReads } from "../shared-reads.ts";
import type { FeedMetrics } from "./feed-metrics.ts";
import { createFeedHub } from "./hub.ts";
import { createLiveRouter } from "./live-router.ts";
import { createSocketLimits } from "./socket-limits.ts";

const maxFrameBytes = 64 * 1024;
/** What a reader may leave lying; one that is slower begins anew where it was. */
const maxBufferedBytes = 4 * 1024 ** 2;
const pingMs = 25_000;

/** Why a connection of the feed ended, as its close code says it. */
export const feedClose = {
  /** The session or token is over, or has no organisation any more: do not come back. */
  sessionOver: 4401,
  /** Another organisation or role: come back, as who one is now. */
  rightsChanged: 4410,
  tooMuch: 4429,
  slow: 1013,
  restarting: 1012,
} as const;

/** `/trpc` as a WebSocket: the live feed of the organisation in view. */
export function createFeedRoute(options: {
  db: Database;
  env: Env;
  log: Logger;
  limits: RateLimits;
  passwords: PasswordHasher;
  secrets: Secrets;
  rights: RightsWatch;
  metrics: FeedMetrics;
}): UpgradeRoute {
  const { db, env, log, limits, passwords, secrets, rights, metrics } = options;
  const { feedsPerOrganisation, feedsPerPerson } = env.LIMITS;
  const hub = createFeedHub({ db, log });
  const liveRouter = createLiveRouter(hub);
  const wss = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    // the library would cut the connection of whoever sends many at once, without a word
    autoPong: false,
  });
  const places = createPlaces();

  function serve(client: WebSocket, { req, principal, request }: Upgrade): void {
    const socketLog = log.child({ requestId: request.id });
    const { charge, encoder } = createSocketLimits((why) => {
      if (client.readyState !== client.OPEN) return;
      socketLog.warn({ why }, "a feed connection was refused more");
      metrics.refused.inc({ why });
      client.close(feedClose.tooMuch, why);
    });
    const endWatch = rights.watch(principal, (now) =>
      now
        ? client.close(feedClose.rightsChanged, "rights changed")
        : client.close(feedClose.sessionOver, "session over"),
    );
    client.on("message", charge);
    client.on("ping", (data: Buffer) => {
      charge();
      if (client.readyState === client.OPEN) client.pong(data);
    });
    const endPings = keepAlive(client);
    metrics.connections.inc();
    client.once("close", () => {
      metrics.connections.dec();
      endWatch();
      endPings();
    });
    const send = client.send.bind(client) as (data: string | Uint8Array) => void;
    client.send = (data: unknown) => {
      // tRPC goes on answering after the end, which would throw
      if (client.readyState !== client.OPEN) return;
      send(data as string | Uint8Array);
      if (client.bufferedAmount <= maxBufferedBytes) return;
      metrics.refused.inc({ why: "slow" });
      endSlow(client);
    };
    getWSConnectionHandler({
      router: liveRouter,
      wss,
      experimental_encoder: encoder,
      createContext: () => ({
        ...{ db, env, limits, passwords, secrets, principal, request },
        reads: createSharedReads(db),
        log: socketLog,
        setSessionCookie: () => {},
      }),
      onError({ error, path }) {
        const known = asAppError(error.cause);
        if (!known && error.code === "INTERNAL_SERVER_ERROR")
          socketLog.error({ err: error.cause ?? error, path }, "a subscription failed");
      },
    })(client, req);
  }

  return {
    takes: (path) => path === "/trpc",
    accept(upgrade) {
      const { req, socket, head, principal, url } = upgrade;
      if (url.searchParams.has("connectionParams")) return upgrade.refuse(400);
      const org = principal.org;
      if (!org) return upgrade.refuse(403);
      const leave = places.take([
        [`o ${org.id}`, feedsPerOrganisation],
        [`p ${principal.apiTokenId ?? principal.userId}`, feedsPerPerson],
      ]);
      if (!leave) {
        metrics.refused.inc({ why: "full" });
        return upgrade.refuse(429);
      }
      socket.once("close", leave);
      wss.handleUpgrade(req, socket, head, (client) => serve(client, upgrade));
    },
    async close(graceMs) {
      hub.close();
      const all = [...wss.clients];
      const closed = all.map(
        (client) => new Promise<void>((done) => void client.once("close", () => done())),
      );
      for (const client of all) client.close(feedClose.restarting, "restarting");
      const cut = setTimeout(() => {
        for (const client of wss.clients) client.terminate();
      }, graceMs);
      await Promise.all(closed);
      clearTimeout(cut);
    },
  };
}

/** The slow reader is told why, if it ever reads that far, and its connection is taken away. */
function endSlow(client: WebSocket): void {
  client.close(feedClose.slow, "slow reader");
  client.terminate();
}

/** Browsers answer by themselves; two pings without an answer, and the other end is gone. @returns ends it */
function keepAlive(client: WebSocket): () => void {
  let missed = 0;
  client.on("pong", () => {
    missed = 0;
  });
  const timer = setInterval(() => {
    if (missed >= 2) client.terminate();
    missed += 1;
    client.ping();
  }, pingMs);
  return () => clearInterval(timer);
}
