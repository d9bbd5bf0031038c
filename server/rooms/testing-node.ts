import { createDatabase } from "#db/database.ts";
import { openBus } from "#db/open-bus.ts";
import { env } from "#root/env.ts";
import { createLogger } from "#root/log.ts";
import { createHttpServer } from "../http.ts";

/** A web process without pages, to be killed: prints its address as one line of JSON. */
const settings = env();
const log = createLogger("node");
const bus = openBus({ url: settings.DATABASE_URL ?? "", redisUrl: settings.REDIS_URL, log });
const db = createDatabase({ url: settings.DATABASE_URL ?? "", role: "jarvis_app", bus });
const http = await createHttpServer({ db, env: settings, log, site: null });
console.log(JSON.stringify({ url: await http.listen(settings.PORT, "127.0.0.1") }));
process.once("SIGTERM", () => {
  void http
    .close(5_000)
    .then(() => Promise.all([db.close(), bus.close()]))
    .then(() => process.exit(0));
});
