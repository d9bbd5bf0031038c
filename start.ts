import { resolve } from "node:path";
import { buildIfStale } from "./cli/build.ts";
import { type OpenDatabase, openDatabase } from "./cli/open-database.ts";
import { isPortFree } from "./cli/port.ts";
import { Problem } from "./cli/problem.ts";
import { ClusterInUse } from "./db/embedded-lock.ts";
import { markProcess } from "./db/processes.ts";
import { findRunning, writeRunning } from "./db/running.ts";
import { type Env, EnvError, env, presetEnv, useProductionLibraries } from "./env.ts";
import { stopOnSignals } from "./shutdown.ts";

/** `npm start`, `npm run dev`: database → migrations → pages → web and worker in this one process. */
async function main(): Promise<void> {
  const began = performance.now();
  const dev = process.argv.includes("--dev");
  // a person at a terminal reads our own lines; the log's JSON is for files and collectors
  if (process.stdout.isTTY) presetEnv({ LOG_LEVEL: "warn" });
  const settings = env();
  if (!dev) useProductionLibraries();

  await requireFreePlace(settings);
  const say = (text: string) => console.log(`  ${text}`);
  console.log("\nJarvis360\n");
  if (!settings.DATABASE_URL) say("Starting the database …");
  const [database] = await Promise.all([
    openDatabase(settings, {
      onMove: (from, to) => say(`The user postgres cannot reach ${from}: the data is in ${to}`),
    }),
    dev ? null : buildIfStale(() => say("Building the pages (after an install or a change only) …")),
  ]);
  const running = await startRoles(settings, database, dev).catch(async (error) => {
    await database.close();
    throw error;
  });

  const stop = async () => {
    await running.close();
    await database.close();
  };
  stopOnSignals((signal) => {
    console.log(`\n  ${signal === "SIGINT" ? "Stopping" : `Stopping (${signal})`} …`);
    return stop().then(() => console.log("  Stopped. Your data is kept.\n"));
  });
  void database.lost.then(async () => {
    console.error("\n  The database ended unexpectedly. Start again: nothing that was saved is lost.\n");
    await running.close().catch(() => {});
    process.exit(1);
  });

  say(`Ready in ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
  say(`Open   ${running.url}`);
  say(`Data   ${database.dir ? resolve(settings.DATA_DIR) : "in the Postgres of DATABASE_URL"}`);
  if (database.dir && !database.dir.startsWith(resolve(settings.DATA_DIR))) say(`       ${database.dir}`);
  if (!settings.SMTP_URL) say("Mail   nothing is sent without SMTP_URL: the Outbox page shows it");
  say("Stop   Ctrl-C\n");
}

async function requireFreePlace(settings: Env): Promise<void> {
  const running = settings.DATABASE_URL ? null : await findRunning(settings.DATA_DIR);
  if (running)
    throw new Problem(
      running.url
        ? `Jarvis360 already runs on ${resolve(settings.DATA_DIR)} (process ${running.process.pid}): open ${running.url}\nFor a second instance set DATA_DIR and PORT.`
        : `A command (process ${running.process.pid}) is using ${resolve(settings.DATA_DIR)}. Start again when it is done.`,
    );
  if (!(await isPortFree(settings.PORT, settings.HOST)))
    throw new Problem(
      `Port ${settings.PORT} is in use by another program. Choose another: PORT=${settings.PORT + 1} npm start`,
    );
}

async function startRoles(settings: Env, database: OpenDatabase, dev: boolean) {
  // imported here: what they import looks at NODE_ENV
  const [{ migrate }, { requireKeys }, { openBus }, { createLogger }, { startWorkers }, { startWeb }] =
    await Promise.all([
      import("./db/migrate.ts"),
      import("./db/check-keys.ts"),
      import("./db/open-bus.ts"),
      import("./log.ts"),
      import("./workers/start-workers.ts"),
      import("./server/web.ts"),
    ]);
  await migrate(database.url);
  await requireKeys(settings, database.url);
  const bus = openBus({ url: database.url, redisUrl: settings.REDIS_URL, log: createLogger("bus") });
  const web = await startWeb({ env: settings, databaseUrl: database.url, bus, dev });
  const workers = await startWorkers({
    env: settings,
    databaseUrl: database.url,
    bus,
    freeAllAtStart: database.isOurs,
  });
  if (database.isOurs)
    await writeRunning(settings.DATA_DIR, {
      process: markProcess(process.pid),
      url: web.url,
      databaseUrl: database.url,
      startedAt: new Date().toISOString(),
    });
  return {
    url: web.url,
    async close() {
      await web.close();
      await workers.stop();
      await bus.close();
    },
  };
}

main().catch((error: unknown) => {
  if (error instanceof Problem || error instanceof EnvError) console.error(`\n${error.message}\n`);
  else if (error instanceof ClusterInUse)
    console.error(`\n${error.message} Stop it first, or set DATA_DIR.\n`);
  else console.error(error);
  process.exit(1);
});
