import { migrate } from "#db/migrate.ts";
import { findRunning } from "#db/running.ts";
import { env, useProductionLibraries } from "#root/env.ts";
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
// imported here: React and Express look at NODE_ENV
const { startWeb } = await import("./web.ts");
const web = await startWeb({ env: settings, databaseUrl });
stopOnSignals(() => web.close());
console.log(`Jarvis360 web: open ${web.url}. Stop with Ctrl-C.`);
