import { createHash, timingSafeEqual } from "node:crypto";
import { type Request, Router } from "express";
import { type Database, sql } from "#db/database.ts";
import type { Metrics } from "./metrics.ts";
import { isLoopback } from "./patience.ts";

/**
 * /healthz: the process lives. /readyz: it can serve, i.e. it is not shutting down and the database answers.
 * /metrics: for Prometheus, to whoever has the token, or without one to programs on this machine. They answer under
 * every Host, because probes come by address.
 */
export function healthRoutes(options: {
  db: Database;
  metrics: Metrics;
  metricsToken: string | null;
  isDraining: () => boolean;
}): Router {
  const { db, metrics, metricsToken } = options;
  const router = Router();
  router.use(["/healthz", "/readyz", "/metrics"], (_req, res, next) => {
    res.setHeader("Cache-Control", "no-store");
    res.setHeader("X-Content-Type-Options", "nosniff");
    next();
  });
  router.get("/healthz", (_req, res) => {
    res.type("text").send("ok\n");
  });
  router.get("/readyz", async (_req, res) => {
    const ready = !options.isDraining() && (await answers(db));
    res
      .status(ready ? 200 : 503)
      .type("text")
      .send(ready ? "ready\n" : "not ready\n");
  });
  router.get("/metrics", async (req, res) => {
    if (!mayReadMetrics(req, metricsToken)) {
      res.status(403).type("text").send("forbidden\n");
      return;
    }
    res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}

async function answers(db: Database): Promise<boolean> {
  try {
    await db.withInstance((tx) => tx.rows(sql`SELECT 1`), { statementMs: 2_000 });
    return true;
  } catch {
    return false;
  }
}

function mayReadMetrics(req: Request, token: string | null): boolean {
  if (token) return sameText(req.headers.authorization ?? "", `Bearer ${token}`);
  const local = isLoopback(req.socket.remoteAddress ?? "");
  // a proxy on this machine speaks for somebody else
  return local && !req.headers["x-forwarded-for"] && !req.headers.forwarded;
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
