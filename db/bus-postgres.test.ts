import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Bus, createBus } from "./bus.ts";
import { postgresWay } from "./bus-postgres.ts";
import { createImportConnection } from "./copy.ts";
import { newId } from "./ids.ts";
import { recordEvent } from "./queries/events.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let t: TestDatabase;
let admin: pg.Client;
const open: Bus[] = [];
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()));
});
afterAll(() => t.close());

/** The bus of a process, connected. `reconnected` resolves at the next connection. */
async function process() {
  const faults: Error[] = [];
  const bus = createBus({ ways: [postgresWay({ url: t.url, onError: (error) => faults.push(error) })] });
  open.push(bus);
  const connected = () =>
    new Promise<void>((done) => {
      const end = bus.onGap(() => {
        end();
        done();
      });
    });
  await connected();
  return { bus, faults, connected };
}

const listeners =
  "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'jarvis360 bus'";

/** Resolves with the organisations that were heard of, once `last` was. */
const heardUntil = (bus: Bus, last: string) =>
  new Promise<string[]>((done) => {
    const heard: string[] = [];
    const end = bus.subscribe("feed", ({ orgId }) => {
      heard.push(orgId);
      if (orgId !== last) return;
      end();
      done(heard);
    });
  });

describe("the bus over Postgres", () => {
  test("carries messages to other processes, not back, and says the same only once in a breath", async () => {
    const [one, two] = [await process(), await process()];
    const orgs = [newId(), newId(), newId()];
    const last = newId();
    const heard = heardUntil(two.bus, last);
    let echoes = 0;
    one.bus.subscribe("feed", () => echoes++);
    for (const orgId of [...orgs, ...orgs, last]) one.bus.publish("feed", { orgId });
    expect(await heard).toEqual([...orgs, last]);
    expect(echoes).toBe(7);
  });

  test("carries more than one notification holds", async () => {
    const [one, two] = [await process(), await process()];
    const orgs = Array.from({ length: 300 }, newId);
    const heard = heardUntil(two.bus, orgs.at(-1)!);
    for (const orgId of orgs) one.bus.publish("feed", { orgId });
    expect(await heard).toEqual(orgs);
  });

  test("notifies at most twenty times a second, however much there is to say", async () => {
    const [one, two] = [await process(), await process()];
    const last = newId();
    const raw: string[] = [];
    const ear = await t.connect();
    await ear.query("LISTEN jarvis_bus");
    ear.on("notification", ({ payload }) => raw.push(payload ?? ""));
    const heard = heardUntil(two.bus, last);
    const began = performance.now();
    for (let round = 0; round < 40; round++) {
      one.bus.publish("feed", { orgId: newId() });
      await new Promise((done) => setImmediate(done));
    }
    one.bus.publish("feed", { orgId: last });
    await heard;
    const breaths = Math.ceil((performance.now() - began) / 50) + 1;
    await ear.end();
    expect(raw.length).toBeLessThanOrEqual(breaths);
  });

  test("security row 9 and 26: listens again after its connection was cut, says that something may have been lost, and sends what waited", async () => {
    const [one, two] = [await process(), await process()];
    const back = [one.connected(), two.connected()];
    const { rows } = await admin.query<{ pid: number }>(listeners);
    await admin.query(`SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid`, [
      rows.map(({ pid }) => pid),
    ]);
    await Promise.all(back);
    const orgId = newId();
    const heard = heardUntil(two.bus, orgId);
    one.bus.publish("feed", { orgId });
    expect(await heard).toContain(orgId);
    expect(one.faults.length).toBeGreaterThan(0);
  });

  test("sends what was said before it was connected", async () => {
    const two = await process();
    const early = createBus({ ways: [postgresWay({ url: t.url })] });
    open.push(early);
    const orgId = newId();
    const heard = heardUntil(two.bus, orgId);
    early.publish("feed", { orgId });
    expect(await heard).toEqual([orgId]);
  });

  test("hears of an import's commit, which has a connection of its own, at once", async () => {
    const { bus } = await process();
    const heard = heardUntil(bus, t.orgA);
    const job = createImportConnection({ url: t.url, orgId: t.orgA });
    await job.transaction((tx) => recordEvent(tx, { topic: "metrics", keys: { version: 1 } }));
    expect(await heard).toEqual([t.orgA]);
    await job.end();
  });

  test("closes while it cannot be reached", async () => {
    const bus = createBus({ ways: [postgresWay({ url: "postgres://nobody@127.0.0.1:9/nothing" })] });
    bus.publish("feed", { orgId: newId() });
    await bus.close();
  });
});
