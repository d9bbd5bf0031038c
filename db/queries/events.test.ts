import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createImportConnection } from "../copy.ts";
import type { OrgTx } from "../database.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "../testing.ts";
import { findLastEvent, listEventsAfter, recordEvent } from "./events.ts";
import { deleteOrganisation } from "./organisations.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const record = (tx: OrgTx, id: string) => recordEvent(tx, { topic: "annotations", keys: { id } });
const lastOf = (orgId: string) => t.app.withOrg(orgId, findLastEvent, { readOnly: true });
const after = (orgId: string, seq: number, limit = 100) =>
  t.app.withOrg(orgId, (tx) => listEventsAfter(tx, seq, limit), { readOnly: true });
const idsAfter = async (orgId: string, seq: number) =>
  (await after(orgId, seq))?.events.map(({ keys }) => keys.id);

describe("the event log of an organisation", () => {
  test("numbers events without a gap, each organisation for itself", async () => {
    const [a, b] = [await lastOf(t.orgA), await lastOf(t.orgB)];
    await t.app.withOrg(t.orgA, (tx) => record(tx, "1"));
    await t.app.withOrg(t.orgB, (tx) => record(tx, "of B"));
    await t.app.withOrg(t.orgA, async (tx) => {
      await record(tx, "2");
      await record(tx, "3");
    });
    expect(await after(t.orgA, a)).toEqual({
      upTo: a + 3,
      events: ["1", "2", "3"].map((id, place) => ({
        seq: a + 1 + place,
        topic: "annotations",
        keys: { id },
      })),
    });
    expect(await idsAfter(t.orgB, b)).toEqual(["of B"]);
  });

  test("keeps nothing of what was rolled back, and leaves no gap for it", async () => {
    const before = await lastOf(t.orgA);
    const failed = t.app.withOrg(t.orgA, async (tx) => {
      await record(tx, "never");
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    await t.app.withOrg(t.orgA, (tx) => record(tx, "after"));
    expect(await after(t.orgA, before)).toMatchObject({
      upTo: before + 1,
      events: [{ keys: { id: "after" } }],
    });
  });

  test("numbers in the order of the commits: whoever writes first and commits last is last, and nobody waits for them", async () => {
    const before = await lastOf(t.orgA);
    const wrote = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const slow = t.app.withOrg(t.orgA, async (tx) => {
      await record(tx, "slow");
      wrote.resolve();
      await mayCommit.promise;
    });
    await wrote.promise;
    await t.app.withOrg(t.orgA, (tx) => record(tx, "quick"));
    expect(await idsAfter(t.orgA, before)).toEqual(["quick"]);
    mayCommit.resolve();
    await slow;
    expect(await idsAfter(t.orgA, before)).toEqual(["quick", "slow"]);
  });

  test("says that it cannot tell when too much happened, or with a number that it never gave out", async () => {
    const last = await lastOf(t.orgA);
    expect(await after(t.orgA, last + 1)).toBeNull();
    expect(await after(t.orgA, 0, 2)).toBeNull();
    expect(await after(t.orgA, last)).toEqual({ upTo: last, events: [] });
  });

  test("forgets what is long ago, and says so", async () => {
    const org = await createTestOrganisation(t.app, "Busy");
    await t.app.withOrg(org, (tx) =>
      tx.rows(
        sql`INSERT INTO org_event (org_id, topic) SELECT ${org}::uuid, 'metrics' FROM generate_series(1, 2200)`,
      ),
    );
    expect(await after(org, 100)).toBeNull();
    expect((await after(org, 2_150))?.events).toHaveLength(50);
  });

  test("passes over topics that this version does not know", async () => {
    const before = await lastOf(t.orgA);
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`INSERT INTO org_event (org_id, topic) VALUES (${t.orgA}, 'of tomorrow')`),
    );
    expect(await after(t.orgA, before)).toEqual({ upTo: before + 1, events: [] });
  });

  test("holds a change of the numbers' version and of an upload, whoever wrote it", async () => {
    const before = await lastOf(t.orgA);
    await t.worker.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE organisation SET metrics_version = metrics_version + 1 WHERE id = ${t.orgA}`),
    );
    const job = createImportConnection({ url: t.url, orgId: t.orgA });
    await job.transaction((tx) =>
      tx.rows(sql`INSERT INTO upload (org_id, id, file_name, status)
        VALUES (${t.orgA}, '00000000-0000-7000-8000-000000000001', 'a.csv', 'queued')`),
    );
    await job.end();
    expect(await after(t.orgA, before)).toMatchObject({
      events: [
        { topic: "metrics", keys: { version: expect.any(Number) } },
        { topic: "uploads", keys: { id: "00000000-0000-7000-8000-000000000001", status: "queued" } },
      ],
    });
  });

  test("lets an organisation go with events that are not committed yet", async () => {
    const org = await createTestOrganisation(t.app, "Leaving");
    await t.app.withOrg(org, async (tx) => {
      await record(tx, "last words");
      await deleteOrganisation(tx);
    });
    await expect(lastOf(org)).resolves.toBe(0);
  });
});

describe("the bus", () => {
  test("hears of a commit that wrote events, and of no other", async () => {
    const heard: string[] = [];
    const end = t.app.bus.subscribe("feed", ({ orgId }) => heard.push(orgId));
    await t.app.withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1`));
    await t.app.withOrg(t.orgB, (tx) => record(tx, "1"));
    await t.app
      .withOrg(t.orgA, async (tx) => {
        await record(tx, "never");
        throw new Error("no");
      })
      .catch(() => {});
    await t.app.withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1`));
    end();
    expect(heard).toEqual([t.orgB]);
  });

  test("hears announcements after the commit only, and none of a transaction that is rolled back", async () => {
    const heard: unknown[] = [];
    const end = t.app.bus.subscribe("authz", (scope) => heard.push(scope));
    await t.app.withOrg(t.orgA, async (tx) => {
      tx.announce("authz", { userId: null, orgId: t.orgA });
      expect(heard).toEqual([]);
    });
    await t.app
      .withInstance(async (tx) => {
        tx.announce("authz", { userId: t.orgB, orgId: null });
        throw new Error("no");
      })
      .catch(() => {});
    end();
    expect(heard).toEqual([{ userId: null, orgId: t.orgA }]);
  });
});
