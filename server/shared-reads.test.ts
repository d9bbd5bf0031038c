import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database, OrgTx } from "#db/database.ts";
import { createDashboard } from "#db/queries/dashboards.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { createSharedReads } from "./shared-reads.ts";
import { testMember } from "./testing.ts";

let t: TestDatabase;
let userId: string;
beforeAll(async () => {
  t = await createTestDatabase();
  ({ userId } = await testMember(t, t.orgA, "viewer"));
});
afterAll(() => t.close());

/** Counts the transactions that begin. */
function counted() {
  const begun = { count: 0 };
  const db: Database = {
    ...t.app,
    withOrg(...given) {
      begun.count += 1;
      return t.app.withOrg(...given);
    },
  };
  return { begun, reads: createSharedReads(db) };
}

const nameOf = async (tx: OrgTx): Promise<unknown> =>
  (await tx.rows(sql`SELECT name FROM organisation WHERE id = ${tx.orgId}`))[0]?.name;
const seedDashboard = (tx: OrgTx) => createDashboard(tx, { title: "Numbers", widgets: {}, filters: {} });
const transactionOf = async (tx: OrgTx): Promise<unknown> =>
  (await tx.rows(sql`SELECT pg_backend_pid() AS at`))[0]?.at;

test("what begins together reads one state in one transaction; what comes later, the state of then", async () => {
  const { begun, reads } = counted();
  const rename = (name: string) =>
    t.worker.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE organisation SET name = ${name} WHERE id = ${tx.orgId}`),
    );
  await rename("Before");
  const [first, second] = await Promise.all([
    reads.read(t.orgA, userId, async (tx) => {
      const before = await nameOf(tx);
      await rename("After");
      return [before, await nameOf(tx), await transactionOf(tx)];
    }),
    reads.read(t.orgA, userId, transactionOf),
  ]);
  expect(first).toEqual(["Before", "Before", second]);
  expect(begun.count).toBe(1);
  expect(await reads.read(t.orgA, userId, nameOf)).toBe("After");
  expect(begun.count).toBe(2);
});

test("two organisations never share one, and nothing can be written", async () => {
  const { begun, reads } = counted();
  for (const orgId of [t.orgA, t.orgB]) await t.app.withOrg(orgId, seedDashboard);
  const see = (tx: OrgTx) => tx.rows(sql`SELECT DISTINCT org_id AS of FROM dashboard`);
  const [a, b] = await Promise.all([reads.read(t.orgA, userId, see), reads.read(t.orgB, userId, see)]);
  expect([a, b]).toEqual([[{ of: t.orgA }], [{ of: t.orgB }]]);
  expect(begun.count).toBe(2);
  await expect(
    reads.read(t.orgA, userId, (tx) => tx.rows(sql`UPDATE organisation SET name = 'x'`)),
  ).rejects.toThrow();
});

test("a question that fails is its own fault, a database that is away is everybody's, and later ones begin anew", async () => {
  const { reads } = counted();
  const found = reads.read(t.orgA, userId, transactionOf);
  await expect(reads.read(t.orgA, userId, () => Promise.reject(new Error("not found")))).rejects.toThrow(
    "not found",
  );
  expect(await found).toEqual(expect.any(Number));
  let isAway = true;
  const away = createSharedReads({
    ...t.app,
    withOrg: (...given) => (isAway ? Promise.reject(new Error("away")) : t.app.withOrg(...given)),
  });
  const all = await Promise.allSettled([1, 2].map(() => away.read(t.orgA, userId, transactionOf)));
  expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isAway = false;
  expect(await away.read(t.orgA, userId, transactionOf)).toEqual(expect.any(Number));
});
