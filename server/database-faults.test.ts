import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type OrgTx } from "#db/database.ts";
import { type Cluster, ensureDatabase, freePort, startCluster } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { createTestOrganisation } from "#db/testing.ts";
import { createToken } from "#root/cli/token.ts";
import { startTestServer } from "./testing.ts";

/** A cluster of this file's own: its backends are killed, and itself. */
let home: string;
let port: number;
let cluster: Cluster;
let url: string;
/** What was committed before the kill must be there after it: a token that was lost with it answered 401 now and then. */
const start = () =>
  startCluster({
    dir: join(home, "postgres"),
    port,
    durable: false,
    settings: { synchronous_commit: "on" },
  });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "jarvis360-faults-"));
  await chmod(home, 0o755);
  port = await freePort();
  cluster = await start();
  url = await ensureDatabase(cluster, "jarvis");
  await migrate(url);
});
afterAll(async () => {
  await cluster.stop();
  await rm(home, { recursive: true, force: true });
});

const addCustomer = (tx: OrgTx, name: string) =>
  tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${tx.orgId}, ${name})`);
const customers = async (tx: OrgTx) =>
  (
    await tx.rows<{ name: string }>(sql`SELECT external_id AS name FROM customer WHERE org_id = ${tx.orgId}`)
  ).map((row) => row.name);

describe("a backend that dies in the middle of an organisation’s transaction", () => {
  test("takes that transaction with it; the next statement does not land in the one of the organisation that waited", async () => {
    const errors: Error[] = [];
    const db = createDatabase({ url, role: "jarvis_app", max: 1, onError: (error) => errors.push(error) });
    const admin = createDatabase({ url, role: "jarvis_maint", max: 1 });
    const orgA = await createTestOrganisation(db, "A");
    const orgB = await createTestOrganisation(db, "B");
    let goOn = () => {};
    const gate = new Promise<void>((done) => {
      goOn = done;
    });
    let pid = 0;
    let late: unknown;

    const first = db.withOrg(orgA, async (tx) => {
      await addCustomer(tx, "a-before");
      const [row] = await tx.rows<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
      pid = Number(row?.pid);
      await gate;
      await addCustomer(tx, "a-after").catch((error: unknown) => {
        late = error;
        throw error;
      });
    });
    const firstEnd = first.then(
      () => "committed",
      () => "rejected",
    );
    await expect.poll(() => pid).toBeGreaterThan(0);
    // waits for the only connection
    const second = db.withOrg(orgB, async (tx) => {
      await addCustomer(tx, "b-rolled-back");
      goOn();
      await expect.poll(() => late).toBeDefined();
      expect(await customers(tx)).toEqual(["b-rolled-back"]);
      throw new Error("B changes its mind");
    });
    const secondEnd = second.catch((error: Error) => error.message);

    await admin.withInstance((tx) =>
      tx.rows(sql`RESET ROLE`).then(() => tx.rows(sql`SELECT pg_terminate_backend(${pid})`)),
    );
    // the dead connection is noticed by the pool only when A's callback goes on
    goOn();
    expect(await firstEnd).toBe("rejected");
    expect(late).toBeInstanceOf(Error);
    expect(await secondEnd).toBe("B changes its mind");
    expect(await db.withOrg(orgA, customers)).toEqual([]);
    expect(await db.withOrg(orgB, customers)).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    await Promise.all([db.close(), admin.close()]);
  });
});

describe("a Postgres that is restarted at once, under load", () => {
  test("is answered with 503 and when to come back; nothing is uncaught, and it works again within ten seconds", async () => {
    const uncaught: unknown[] = [];
    const onUncaught = (error: unknown) => uncaught.push(error);
    process.on("uncaughtException", onUncaught);
    process.on("unhandledRejection", onUncaught);
    const db = createDatabase({ url, role: "jarvis_app", max: 4 });
    const web = await startTestServer({ app: db });
    const headers = {
      authorization: `Bearer ${await createToken(db, { org: "Load", email: "ada@load.example", role: "owner" })}`,
      "content-type": "application/json",
    };
    const seen = new Map<number, number>();
    const withoutRetry: number[] = [];
    let loading = true;
    const load = async (n: number) => {
      while (loading) {
        const write = n % 2 === 0;
        const answer = await fetch(`${web.url}/api/v1/${write ? "dashboards" : "org"}`, {
          headers,
          ...(write ? { method: "POST", body: '{"title":"x"}' } : {}),
        });
        await answer.arrayBuffer();
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
        if (answer.status === 503 && !answer.headers.has("retry-after")) withoutRetry.push(n);
      }
    };
    const loaders = Array.from({ length: 8 }, (_, n) => load(n));
    const ready = async () => (await fetch(`${web.url}/readyz`)).status;
    await expect.poll(() => seen.get(201) ?? 0, { timeout: 10_000 }).toBeGreaterThan(5);

    const ended = once(cluster.process, "exit");
    // immediate: every backend is cut off where it stands
    cluster.process.kill("SIGQUIT");
    await ended;
    expect(await ready()).toBe(503);
    await expect.poll(() => seen.get(503) ?? 0, { timeout: 10_000 }).toBeGreaterThan(5);
    const before = seen.get(201) ?? 0;
    cluster = await start();
    const restarted = performance.now();
    await expect.poll(ready, { timeout: 10_000 }).toBe(200);
    await expect.poll(() => (seen.get(201) ?? 0) - before, { timeout: 10_000 }).toBeGreaterThan(5);
    expect(performance.now() - restarted).toBeLessThan(10_000);

    loading = false;
    await Promise.all(loaders);
    expect([...seen.keys()].sort()).toEqual([200, 201, 503]);
    expect(withoutRetry).toEqual([]);
    await web.close();
    await db.close();
    process.off("uncaughtException", onUncaught);
    process.off("unhandledRejection", onUncaught);
    expect(uncaught).toEqual([]);
  }, 60_000);
});
