import { requireKeys } from "#db/check-keys.ts";
import { migrate } from "#db/migrate.ts";
import { openBus } from "#db/open-bus.ts";
import { findRunning } from "#db/running.ts";
import { env, useProductionLibraries } from "#root/env.ts";
import { createLogger } from "#root/log.ts";
import { stopOnSignals } from "#root/shutdown.ts";
import { startWorkers } from "./start-workers.ts";

/** `npm run worker`: the background jobs alone, on any number of machines. */
const settings = env();
useProductionLibraries();
const databaseUrl = settings.DATABASE_URL ?? (await findRunning(settings.DATA_DIR))?.databaseUrl;
if (!databaseUrl) {
  console.error(
    "Set DATABASE_URL: roles that run apart share one Postgres. (`npm start` runs everything here.)",
  );
  process.exit(1);
}
const log = createLogger("worker");
process.on("unhandledRejection", (error) => log.error({ err: error }, "an error that nobody caught"));
await migrate(databaseUrl);
await requireKeys(settings, databaseUrl);
const bus = openBus({ url: databaseUrl, redisUrl: settings.REDIS_URL, log });
const workers = await startWorkers({ env: settings, databaseUrl, bus });
stopOnSignals(async () => {
  await workers.stop();
  await bus.close();
});
console.log("Jarvis360 worker: running jobs. Stop with Ctrl-C.");
