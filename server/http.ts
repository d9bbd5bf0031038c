import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express, type RequestHandler } from "express";
import { authoriseOrigin, findStripeApp } from "#connectors/stripe/oauth.ts";
import type { Database } from "#db/database.ts";
import { createKeySource } from "#db/key-ring.ts";
import { createSecrets } from "#db/secrets.ts";
import type { Env } from "#root/env.ts";
import type { Logger } from "#root/log.ts";
import { createPasswordHasher } from "./auth/password.ts";
import { createRightsWatch } from "./auth/watch-rights.ts";
import { docsPage } from "./docs-page.tsx";
import { createFeedMetrics } from "./feed/feed-metrics.ts";
import { createFeedRoute } from "./feed/feed-route.ts";
import { requireOwnHost, requireOwnOrigin } from "./http/admit.ts";
import { builtAssets, compress } from "./http/assets.ts";
import { attachContext } from "./http/attach-context.ts";
import { cspReports } from "./http/csp-reports.ts";
import { handleFailure } from "./http/failure.ts";
import { healthRoutes } from "./http/health.ts";
import { createMetrics } from "./http/metrics.ts";
import { observeRequests } from "./http/observe.ts";
import { createOrigins, type Origins } from "./http/origins.ts";
import { type PageSource, pages } from "./http/pages.ts";
import { bodyDeadline, limitPatience } from "./http/patience.ts";
import { cspReportPath, securityHeaders } from "./http/security-headers.ts";
import { trpcApi } from "./http/trpc-api.ts";
import { createUpgradeRouter } from "./http/upgrade.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { restApi } from "./rest.ts";
import { createCollabRoute } from "./rooms/collab-route.ts";
import { roomLimits } from "./rooms/limits.ts";
import { createPostgresStorage } from "./rooms/postgres-storage.ts";
import { createRoomMetrics } from "./rooms/room-metrics.ts";
import { createRooms } from "./rooms/rooms.ts";
import { callbackPath } from "./sources/authorisation.ts";
import { oauthCallback } from "./sources/oauth-callback.ts";
import { webhookRoute } from "./webhooks/webhook-route.ts";

/** Where pages and their files come from; null: this server has APIs only (tests). */
export type Site =
  | { kind: "built"; dir: string; source: PageSource }
  /** Vite serves the files itself, as middleware, and changes them under the open page. */
  | { kind: "dev"; connect: (server: Server) => Promise<{ middleware: RequestHandler; source: PageSource }> };

export interface HttpServer {
  readonly server: Server;
  /** Starts to listen. @returns the address that people use */
  listen(port: number, host: string): Promise<string>;
  /** Answers /readyz with 503, takes no more connections, lets running requests end (at most `graceMs`). */
  close(graceMs?: number): Promise<void>;
}

/** Everything that answers over HTTP, in the order in which a request meets it. */
export async function createHttpServer(options: {
  db: Database;
  env: Env;
  log: Logger;
  site: Site | null;
  limits?: RateLimits;
}): Promise<HttpServer> {
  const { db, env, log, site } = options;
  const app = express();
  const server = createServer({ maxHeaderSize: 16_384 }, app);
  const dev = site?.kind === "dev";
  const metrics = createMetrics();
  let draining = false;
  let own: Origins = createOrigins(env.BASE_URL, env.PORT);
  const origins = () => own;

  prepare(app, env);
  limitPatience(server, env.TRUSTED_PROXIES);
  app.use(observeRequests(log, metrics));
  app.use(healthRoutes({ db, metrics, metricsToken: env.METRICS_TOKEN, isDraining: () => draining }));
  app.use(requireOwnHost(origins, env.TRUSTED_PROXIES));
  const stripeApp = findStripeApp(env);
  app.use(securityHeaders(origins, { dev, formTargets: stripeApp ? [authoriseOrigin(stripeApp)] : [] }));
  app.use(bodyDeadline(isUpload));
  app.post(cspReportPath, cspReports(metrics));
  app.use(compress());
  const limits = options.limits ?? createRateLimits(env.LIMITS);
  const secrets = createSecrets(createKeySource(env));
  // signed by who sends it: neither the origin nor a cookie says anything about it
  app.post("/webhooks/*", webhookRoute({ db, secrets, limits }));
  app.use(requireOwnOrigin);
  const passwords = createPasswordHasher();
  app.use(attachContext({ db, env, origins, limits, passwords, secrets }));
  const { jsonBytes } = env.LIMITS;
  app.use("/trpc", trpcApi({ jsonBytes }));
  app.use("/api/v1", restApi({ jsonBytes }));
  app.get("/api/docs", docsPage);
  app.get(callbackPath, oauthCallback);
  // after the APIs: whoever asks those would wait until the disk has said that there is no such file
  if (site?.kind === "built") app.use(builtAssets(site.dir));
  if (site) {
    const dressed = site.kind === "dev" ? await site.connect(server) : null;
    if (dressed) app.use(dressed.middleware);
    const source = dressed?.source ?? (site.kind === "built" ? site.source : null);
    if (source) app.use(pages(source, { mode: dev ? "development" : "production", jsonBytes }));
  }
  app.use(handleFailure);
  const {
    TRUSTED_PROXIES: trustedProxies,
    LIMITS: { socketsPerAddress },
  } = env;
  const upgrades = createUpgradeRouter({ db, log, origins, trustedProxies, socketsPerAddress, dev });
  const rights = createRightsWatch({ db, log });
  const collabLimits = roomLimits(env.LIMITS);
  const roomMetrics = createRoomMetrics(metrics.registry);
  const nodeId = randomUUID();
  const rooms = createRooms({
    storage: createPostgresStorage(db, nodeId),
    bus: db.bus,
    ...{ limits: collabLimits, log, nodeId, metrics: roomMetrics },
  });
  upgrades.register(
    createCollabRoute({ db, log, rights, rooms, limits: collabLimits, metrics: roomMetrics }),
  );
  upgrades.register(
    createFeedRoute({
      ...{ db, env, log, limits, passwords, secrets, rights },
      metrics: createFeedMetrics(metrics.registry),
    }),
  );
  server.on("upgrade", (req, socket, head) => upgrades.handle(req, socket, head));

  return {
    server,
    async listen(port, host) {
      await new Promise<void>((done, fail) => {
        server.once("error", fail);
        server.listen(port, host, () => {
          server.off("error", fail);
          done();
        });
      });
      own = createOrigins(env.BASE_URL, (server.address() as AddressInfo).port);
      return own.origin;
    },
    async close(graceMs = 10_000) {
      draining = true;
      await upgrades.close(graceMs);
      rights.close();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      // a connection that is kept alive ends with the answer that runs on it
      const sweep = setInterval(() => server.closeIdleConnections(), 100);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}

function prepare(app: Express, env: Env): void {
  app.disable("x-powered-by");
  app.disable("etag");
  // queries are read by whoever knows what they mean
  app.set("query parser", false);
  app.set("trust proxy", env.TRUSTED_PROXIES === 0 ? false : env.TRUSTED_PROXIES);
}

const isUpload = (req: IncomingMessage): boolean =>
  req.method === "POST" && /^\/api\/v1\/uploads\/?(\?|$)/.test(req.url ?? "");
