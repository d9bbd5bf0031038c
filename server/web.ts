import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bus } from "#db/bus.ts";
import { createDatabase } from "#db/database.ts";
import type { Env } from "#root/env.ts";
import { createLogger, type Logger } from "#root/log.ts";
import { builtPages } from "./http/pages.ts";
import { createHttpServer, type Site } from "./http.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Runs the web role in this process until `close`: pages, tRPC, REST.
 * @param options.dev pages come from Vite and change as their files do
 * @returns the address that people open
 */
export async function startWeb(options: {
  env: Env;
  databaseUrl: string;
  bus: Bus;
  dev?: boolean;
}): Promise<{ url: string; close(): Promise<void> }> {
  const { env } = options;
  const log = createLogger("web");
  const db = createDatabase({
    url: env.DATABASE_APP_URL ?? options.databaseUrl,
    role: "jarvis_app",
    statementMs: env.LIMITS.statementMs,
    bus: options.bus,
    onError: (error) => log.warn({ err: error }, "a database connection broke"),
  });
  const http = await createHttpServer({
    db,
    env,
    log,
    site: options.dev ? devSite(log) : builtSite(),
  });
  const stopListening = surviveFaults(log);
  const url = await http.listen(env.PORT, env.HOST);
  if (url.startsWith("http:") && env.BASE_URL !== null && !/\/\/(localhost|127\.0\.0\.1)(:|$)/.test(url))
    log.warn(
      { url },
      "BASE_URL is plain http: session cookies travel unprotected. Put a TLS proxy in front.",
    );
  return {
    url,
    async close() {
      await http.close();
      await db.close();
      stopListening();
    },
  };
}

function builtSite(): Site {
  const dir = join(root, "build");
  if (!existsSync(join(dir, "server", "index.js")))
    throw new Error("The pages have not been built yet: run npm run build");
  return { kind: "built", dir, source: builtPages(dir) };
}

function devSite(log: Logger): Site {
  return {
    kind: "dev",
    async connect(server) {
      // loaded here: production installs have no use for it
      const { createServer } = await import("vite");
      const vite = await createServer({
        root,
        appType: "custom",
        server: { middlewareMode: true, hmr: { server } },
      });
      server.once(
        "close",
        () => void vite.close().catch((error) => log.warn({ err: error }, "vite did not close")),
      );
      return {
        middleware: vite.middlewares,
        source: async () =>
          (await vite.ssrLoadModule("virtual:remix/server-build")) as Awaited<
            ReturnType<ReturnType<typeof builtPages>>
          >,
      };
    },
  };
}

/** A fault that nobody caught is logged and survived: each request and transaction cleans up after itself. */
function surviveFaults(log: Logger): () => void {
  const onError = (error: unknown) => log.error({ err: error }, "an error that nobody caught");
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onError);
  return () => {
    process.off("uncaughtException", onError);
    process.off("unhandledRejection", onError);
  };
}
