import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database, sql } from "./database.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let t: TestDatabase;
/** One connection, so that all ask on the same. */
let one: Database;

beforeAll(async () => {
  t = await createTestDatabase();
  one = createDatabase({ url: t.url, role: "jarvis_app", max: 1 });
  const admin = await t.connect();
  for (const orgId of [t.orgA, t.orgB])
    await admin.query(
      "INSERT INTO app.policy_version (org_id, version, preset, policy) VALUES ($1, 1, 'jarvis', '{}')",
      [orgId],
    );
  await admin.end();
});
afterAll(async () => {
  await one.close();
  await t.close();
});

/** It names no organisation: the wall alone tells whose rows they are. */
const mine = sql`SELECT DISTINCT org_id FROM policy_version`;
const seen = (orgId: string) =>
  one.withOrg(orgId, (tx) => tx.rows(mine, { prepared: true }), { readOnly: true });

test("a prepared statement is planned once for a connection, and shows each organisation its own rows alone", async () => {
  // Postgres makes a plan for all values after five with their own
  for (let times = 0; times < 8; times++)
    for (const orgId of [t.orgA, t.orgB]) expect(await seen(orgId)).toEqual([{ org_id: orgId }]);
  const kept = await one.withOrg(t.orgA, (tx) =>
    tx.rows(sql`SELECT (generic_plans + custom_plans)::int AS times, generic_plans > 0 AS "isGeneric"
      FROM pg_prepared_statements WHERE statement LIKE '%policy_version%'`),
  );
  expect(kept).toEqual([{ times: 16, isGeneric: true }]);
});

test("a connection keeps no more statements than a few hundred, and answers all", async () => {
  const asked = Array.from(
    { length: 300 },
    (_, i) => sql`SELECT ${sql.raw(String(i))} AS i, org_id FROM policy_version`,
  );
  await one.withOrg(t.orgB, async (tx) => {
    for (const [i, question] of asked.entries())
      expect(await tx.rows(question, { prepared: true })).toEqual([{ i, org_id: t.orgB }]);
    const [kept] = await tx.rows<{ n: number }>(sql`SELECT count(*)::int AS n FROM pg_prepared_statements`);
    expect(kept?.n).toBe(250);
  });
});

test("with a single question goes the end of its transaction: what is asked after it is shown nothing", async () => {
  const single = { readOnly: true, single: true };
  for (const orgId of [t.orgA, t.orgB])
    expect(
      await one.withOrg(orgId, async (tx) => [await tx.rows(mine), await tx.rows(mine)], single),
    ).toEqual([[{ org_id: orgId }], []]);
  await expect(one.withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1 / 0`), single)).rejects.toThrow();
  expect(await one.withOrg(t.orgB, (tx) => tx.rows(mine), single)).toEqual([{ org_id: t.orgB }]);
});
