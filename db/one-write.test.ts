import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { OneWriteClient } from "./one-write.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

test("what is asked in one breath leaves in one write, in its order, and what waits for an answer in the next", async () => {
  const client: pg.Client = new OneWriteClient({ connectionString: t.url, pipeline: true });
  await client.connect();
  const handle = (client.connection.stream as unknown as { _handle: Record<"writev", () => number> })._handle;
  const writes = vi.spyOn(handle, "writev");
  const all = await Promise.all([
    client.query("BEGIN; SET LOCAL application_name = 'first'"),
    client.query("SELECT current_setting('application_name') AS name, $1::int AS no", [2]),
    Promise.resolve().then(() => client.query("SELECT $1::int AS no", [3])),
  ]);
  expect(all.slice(1).map((one) => (one as pg.QueryResult).rows)).toEqual([
    [{ name: "first", no: 2 }],
    [{ no: 3 }],
  ]);
  expect(writes).toHaveBeenCalledTimes(1);
  expect((await client.query("SELECT $1::int AS no", [4])).rows).toEqual([{ no: 4 }]);
  expect(writes).toHaveBeenCalledTimes(2);
  await client.end();
});

test("a question that fails leaves the connection to those after it", async () => {
  const faults = await Promise.allSettled([
    t.app.withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1 / 0`), { readOnly: true }),
    t.app.withOrg(t.orgB, (tx) => tx.rows(sql`SELECT 1 AS one`), { readOnly: true }),
  ]);
  expect(faults.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
});
