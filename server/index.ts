import { requireKeys } from "#db/check-keys.ts";
import { migrate } from "#db/migrate.ts";
import { openBus } from "#db/open-bus.ts";
import { findRunning } from "#db/running.ts";
import { env, useProductionLibraries } from "#root/env.ts";
import { createLogger } from "#root/log.ts";
import { stopOnSignals } from "#root/shutdown.ts";

/** `npm run web`: pages and APIs alone, on any number of machines. */
const settings = env();
useProductionLibraries();
const databaseUrl = settings.DATABASE_URL ?? (await findRunning(settings.DATA_DIR))?.databaseUrl;
if (!databaseUrl) {
  console.error(
    "Set DATABASE_URL: roles that run apart share one Postgres. (`npm start` runs everything here.)",
  );
  process.exit(1);
}
await migrate(databaseUrl);
await requireKeys(settings, databaseUrl);
// imported here: React and Express look at NODE_ENV
const { startWeb } = await import("./web.ts");
const bus = openBus({ url: databaseUrl, redisUrl: settings.REDIS_URL, log: createLogger("bus") });
const web = await startWeb({ env: settings, databaseUrl, bus });
stopOnSignals(async () => {
  await web.close();
  await bus.close();
});
console.log(`Jarvis360 web: open ${web.url}. Stop with Ctrl-C.`);
