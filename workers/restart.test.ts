import { EventEmitter, once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "#db/database.ts";
import { type Cluster, ensureDatabase, freePort, startCluster } from "#db/embedded.ts";
import { enqueueJob, type JobName, jobCatalogue } from "#db/jobs.ts";
import { migrate } from "#db/migrate.ts";
import { createQueue, type Queue } from "#db/queue.ts";
import { createTestOrganisation } from "#db/testing.ts";
import { type RunningWorkers, startRunner, type TaskList } from "./runner.ts";

/** A cluster of its own: this one is restarted under the workers. */
let home: string;
let port: number;
let cluster: Cluster;
let db: Database;
let queue: Queue;
let runner: RunningWorkers;
const heard = new EventEmitter();

const start = () =>
  startCluster({ dir: join(home, "postgres"), port, durable: false, settings: { shared_buffers: "16MB" } });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "jarvis360-restart-"));
  await chmod(home, 0o755);
  port = await freePort();
  cluster = await start();
  const url = await ensureDatabase(cluster, "restarted");
  await migrate(url);
  db = createDatabase({ url, role: "jarvis_app", max: 2 });
  queue = createQueue({ url });
  const names = Object.keys(jobCatalogue) as JobName[];
  const refused: unknown = Object.fromEntries(names.map((name) => [name, () => Promise.reject(new Error())]));
  const tasks: TaskList = {
    ...(refused as TaskList),
    loadDemo: async ({ customers }) => {
      heard.emit("job", customers);
      // the second job's end cannot be written down: the database goes away under it
      if (customers === 2) await once(heard, "go on");
    },
  };
  runner = await startRunner({ queue, tasks, log: pino({ level: "silent" }) });
});
afterAll(async () => {
  await runner.stop();
  await Promise.all([queue.close(), db.close()]);
  await cluster.stop();
  await rm(home, { recursive: true, force: true });
});

test("jobs run again within ten seconds of a restart of Postgres, the interrupted one included", {
  timeout: 60_000,
}, async () => {
  const orgId = await createTestOrganisation(db, "Org");
  const enqueue = (customers: number) =>
    db.withOrg(orgId, (tx) => enqueueJob(tx, "loadDemo", { orgId, customers }, { queue: "one" }));
  let job = once(heard, "job");
  await enqueue(1);
  expect(await job).toEqual([1]);

  job = once(heard, "job");
  await enqueue(2);
  expect(await job).toEqual([2]);
  await cluster.stop();
  heard.emit("go on");
  cluster = await start();
  const back = performance.now();

  job = once(heard, "job");
  expect(await job).toEqual([2]);
  job = once(heard, "job");
  heard.emit("go on");
  await enqueue(3);
  expect(await job).toEqual([3]);
  expect(performance.now() - back).toBeLessThan(10_000);
});
