import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { OrgTx } from "../database.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { packObject, putObjects } from "./source-objects.ts";
import { writeSource } from "./testing-sources.ts";

let t: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterAll(() => t.close());

/** Objects as a page of a vendor's list brings them, id → what they say. */
const put = (tx: OrgTx, source: string, said: Record<string, string>): Promise<number> =>
  putObjects(tx, source, {
    objects: Object.entries(said).map(([id, name]) =>
      packObject({
        ...{ stream: "customers", id, customerId: id, parentId: null, deleted: false },
        body: { id, name },
      }),
    ),
    ...{ at: 1_700_000_000_000, apiVersion: "1", history: ["customers"] },
  });

const kept = async (org: string, table: "source_object" | "source_object_version"): Promise<string[]> => {
  const rows = await t.worker.withOrg(org, (tx) =>
    tx.rows<{ body: string }>(
      sql`SELECT body::text AS body FROM ${sql.identifier(table)} WHERE org_id = ${org} ORDER BY id`,
    ),
  );
  return rows.map(({ body }) => {
    const { id, name } = JSON.parse(body) as { id: string; name: string };
    return `${id} ${name}`;
  });
};

/** How many backends of this database wait for a lock. */
const waiting = async (): Promise<number> => {
  const { rows } = await admin.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rows.length;
};

test("two writers of one source at once take turns: neither fails, no object and no earlier state is lost", async () => {
  const source = await t.worker.withOrg(t.orgA, (tx) => writeSource(tx));
  const other = await t.worker.withOrg(t.orgB, (tx) => writeSource(tx));

  const written = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const first = t.worker.withOrg(t.orgA, async (tx) => {
    const changed = await put(tx, source, { a: "first", b: "first" });
    written.resolve();
    await mayCommit.promise;
    return changed;
  });
  await Promise.race([written.promise, first]);
  const both = Promise.all([
    first,
    t.worker.withOrg(t.orgA, (tx) => put(tx, source, { b: "second", c: "second" })),
  ]);
  try {
    await vi.waitFor(async () => expect(await waiting()).toBe(1), { timeout: 10_000, interval: 5 });
    // another organisation's source is not held
    await t.worker.withOrg(t.orgB, (tx) => put(tx, other, { b: "theirs" }));
  } finally {
    mayCommit.resolve();
  }

  expect(await both).toEqual([2, 2]);
  expect(await kept(t.orgA, "source_object")).toEqual(["a first", "b second", "c second"]);
  expect(await kept(t.orgA, "source_object_version")).toEqual(["b first"]);
  expect(await kept(t.orgB, "source_object")).toEqual(["b theirs"]);
});
