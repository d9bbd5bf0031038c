import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { enqueueJob, type JobName, jobCatalogue } from "#db/jobs.ts";
import { enqueueSourceJob } from "#db/queries/sources.ts";
import { createQueue, type Queue } from "#db/queue.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { createLogger } from "#root/log.ts";
import { type RunningWorkers, startRunner, type TaskList } from "./runner.ts";
import type { JobRun, Task } from "./task.ts";

let t: TestDatabase;
const log = createLogger("test");
const toClose: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  t = await createTestDatabase();
});
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
  const queue = createQueue({ url: t.url });
  await queue.pool.query("DELETE FROM graphile_worker._private_jobs; DELETE FROM jobs.heartbeat");
  await queue.close();
});
afterAll(() => t.close());

function openQueue(): Queue {
  const queue = createQueue({ url: t.url, max: 4 });
  toClose.push(() => queue.close());
  return queue;
}

/** Every job is refused but the one named. */
function tasksWith(demo: Task<"loadDemo">): TaskList {
  const refuse = () => Promise.reject(new Error("not in this test"));
  const names = Object.keys(jobCatalogue) as JobName[];
  const refused: unknown = Object.fromEntries(names.map((name) => [name, refuse]));
  return { ...(refused as TaskList), loadDemo: demo };
}

async function startWith(demo: Task<"loadDemo">, graceMs = 5_000): Promise<RunningWorkers> {
  const runner = await startRunner({
    queue: openQueue(),
    log,
    tasks: tasksWith(demo),
    concurrency: 2,
    graceMs,
  });
  toClose.push(() => runner.stop());
  return runner;
}

const enqueue = (orgId: string, customers: number) =>
  t.app.withOrg(orgId, (tx) => enqueueJob(tx, "loadDemo", { orgId, customers }));

describe("the job runner", () => {
  test("runs a job that was enqueued with its transaction, with a checked payload", async () => {
    const heard = new EventEmitter();
    await startWith(async (payload, job) => {
      heard.emit("job", payload, job.attempt);
    });
    const job = once(heard, "job");
    await enqueue(t.orgA, 7);
    expect(await job).toEqual([{ orgId: t.orgA, customers: 7 }, 1]);
  });

  test("does not run a job whose transaction was rolled back", async () => {
    const ran: number[] = [];
    const heard = new EventEmitter();
    await startWith(async ({ customers }) => {
      ran.push(customers);
      heard.emit("job");
    });
    await expect(
      t.app.withOrg(t.orgA, async (tx) => {
        await enqueueJob(tx, "loadDemo", { orgId: t.orgA, customers: 1 });
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    const next = once(heard, "job");
    await enqueue(t.orgB, 2);
    await next;
    expect(ran).toEqual([2]);
  });

  test("a steady job that is asked for while it runs comes to its end with its lease, and one more runs after it", async () => {
    const heard = new EventEmitter();
    const ran: string[] = [];
    const tasks = tasksWith(() => Promise.reject(new Error("not in this test")));
    tasks.applySourceChanges = async ({ orgId }, job) => {
      heard.emit("job");
      const { promise: asked, resolve } = Promise.withResolvers<void>();
      if (ran.length === 0) heard.once("asked", resolve);
      else resolve();
      await asked;
      await t.worker.withOrg(orgId, job.requireLease);
      ran.push(job.id);
      heard.emit("done");
    };
    const queue = openQueue();
    const runner = await startRunner({ queue, log, tasks, concurrency: 2 });
    toClose.push(() => runner.stop());
    const source = { id: randomUUID(), run: 1 };
    const ask = () => t.app.withOrg(t.orgA, (tx) => enqueueSourceJob(tx, "applySourceChanges", source));
    const begun = once(heard, "job");
    await ask();
    await begun;
    // as many as there are, one waits
    for (let times = 0; times < 3; times++) await ask();
    heard.emit("asked");
    await expect.poll(() => ran.length, { timeout: 15_000 }).toBe(2);
    const left = async () => (await queue.pool.query("SELECT FROM graphile_worker._private_jobs")).rowCount;
    await expect.poll(left, { timeout: 15_000 }).toBe(0);
    expect(new Set(ran).size).toBe(2);
  });

  test("one organisation cannot enqueue for another", async () => {
    await expect(
      t.app.withOrg(t.orgA, (tx) => enqueueJob(tx, "loadDemo", { orgId: t.orgB, customers: 1 })),
    ).rejects.toThrow();
  });

  test("tells a running job to stop when it shuts down, and the job runs again at the next start", async () => {
    const heard = new EventEmitter();
    const first = await startWith(async (_payload, job) => {
      heard.emit("running");
      await once(job.signal, "abort");
      throw new Error("stopped at a safe point");
    }, 10);
    const running = once(heard, "running");
    await enqueue(t.orgA, 3);
    await running;
    await first.stop();
    toClose.pop();
    const queue = openQueue();
    const { rows } = await queue.pool.query(
      "UPDATE graphile_worker._private_jobs SET run_at = now() RETURNING attempts, locked_by",
    );
    expect(rows).toEqual([{ attempts: 1, locked_by: null }]);
    const again = once(heard, "again");
    await startWith(async (_payload, job) => {
      heard.emit("again", job.attempt);
    });
    expect(await again).toEqual([2]);
  });
});

describe("a worker that died", () => {
  /** What a killed worker leaves: a locked job and an old sign of life, and no connection. */
  async function leaveBehind(queue: Queue, poolId: string, silentSeconds: number): Promise<string> {
    await enqueue(t.orgA, 5);
    await queue.pool.query(
      "INSERT INTO jobs.heartbeat (pool_id, at) VALUES ($1, now() - make_interval(secs => $2))",
      [poolId, silentSeconds],
    );
    const { rows } = await queue.pool.query<{ id: string }>(
      `UPDATE graphile_worker._private_jobs
       SET locked_by = $1, locked_at = now() - make_interval(secs => $2), attempts = 1 RETURNING id`,
      [poolId, silentSeconds],
    );
    return rows[0]!.id;
  }

  test("has its job run by another after a minute of silence", async () => {
    const queue = openQueue();
    await leaveBehind(queue, "pool-dead", 61);
    const heard = new EventEmitter();
    const job = once(heard, "job");
    await startWith(async (_payload, { attempt }) => {
      heard.emit("job", attempt);
    });
    expect(await job).toEqual([2]);
  });

  test("is left alone while its silence is short, or while its connection holds", async () => {
    const queue = openQueue();
    await leaveBehind(queue, "pool-quiet", 30);
    expect(await queue.sweep(60)).toEqual([]);

    const living = openQueue();
    await living.beat("pool-alive");
    await queue.pool.query(
      "UPDATE jobs.heartbeat SET at = now() - interval '1 hour' WHERE pool_id = 'pool-alive'",
    );
    expect(await queue.sweep(60)).toEqual([]);
    await living.close();
    toClose.pop();
    expect(await queue.sweep(60)).toEqual(["pool-alive"]);
  });

  test("is found even when it never gave a sign of life", async () => {
    const queue = openQueue();
    await leaveBehind(queue, "pool-mute", 61);
    await queue.pool.query("DELETE FROM jobs.heartbeat");
    expect(await queue.sweep(60)).toEqual(["pool-mute"]);
  });

  test("cannot write any more once another took over", async () => {
    const queue = openQueue();
    const jobId = await leaveBehind(queue, "pool-zombie", 61);
    const heard = new EventEmitter();
    const taken = once(heard, "taken") as Promise<[JobRun]>;
    let finish = () => {};
    await startWith(async (_payload, job) => {
      heard.emit("taken", job);
      await new Promise<void>((done) => {
        finish = done;
      });
    });
    const [second] = await taken;
    const { requireLease } = await import("#db/lease.ts");
    await expect(t.worker.withOrg(t.orgA, (tx) => requireLease(tx, jobId, 1))).rejects.toThrow();
    await t.worker.withOrg(t.orgA, (tx) => second.requireLease(tx));
    finish();
  });
});
