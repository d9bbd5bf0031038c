import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type Database } from "#db/database.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { findSessionPrincipal } from "../auth/principal.ts";
import { createCaller } from "../router.ts";
import { testCaller, testContext, testMember } from "../testing.ts";

let t: TestDatabase;
let operator: Database;
beforeAll(async () => {
  t = await createTestDatabase();
  operator = createDatabase({ url: t.url, role: "jarvis_maint", max: 1 });
});
afterAll(async () => {
  await operator.close();
  await t.close();
});

const rebuilds = (org: string) =>
  operator.withInstance(async (tx) => {
    await tx.rows(sql`RESET ROLE`);
    const rows = await tx.rows<{ cause: string }>(
      sql`SELECT j.payload ->> 'cause' AS cause FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks k ON k.id = j.task_id WHERE k.identifier = 'rebuildMetrics' AND j.payload ->> 'orgId' = ${org}`,
    );
    await tx.rows(sql`SET ROLE jarvis_maint`);
    return rows.map((row) => row.cause);
  });

describe("a change of the organisation", () => {
  test("recomputes its numbers at once, and only when it changes them", async () => {
    const org = await createTestOrganisation(t.app, "Settings");
    const caller = testCaller(t, await testMember(t, org, "admin"));
    await caller.org.update({ name: "Renamed", week_start: 7 });
    expect(await caller.org.update({ policy: { discounts: "recurring" } })).toMatchObject({ version: 0 });
    expect(await caller.org.update({ currency: "EUR" })).toMatchObject({ version: 1 });
    const { policy_version, version } = await caller.org.update({ policy: { preset: "stripe" } });
    expect(version).toBe(2);
    expect(await caller.org.policy()).toMatchObject({ preset: "stripe", version: policy_version });
    expect(await rebuilds(org)).toEqual([]);
  });

  test("leaves the numbers of many customers to a job, once, which says why", async () => {
    const org = await createTestOrganisation(t.app, "Large");
    await t.worker.withOrg(org, (tx) =>
      tx.rows(
        sql`INSERT INTO customer (org_id, external_id) SELECT ${org}, 'c' || n FROM generate_series(1, 5001) n`,
      ),
    );
    const caller = testCaller(t, await testMember(t, org, "admin"));
    await caller.org.update({ currency: "EUR" });
    const { policy_version } = await caller.org.update({ policy: { preset: "chartmogul" } });
    expect(await rebuilds(org)).toEqual([`policy version ${policy_version}`]);
    // only a formula reads it: there is nothing to make afresh
    const { version } = await caller.org.get();
    expect(await caller.org.update({ policy: { churn_denominator: "start_plus_new" } })).toMatchObject({
      version: version + 1,
    });
    expect(await rebuilds(org)).toEqual([`policy version ${policy_version}`]);
  });
});

describe("an organisation", () => {
  test("made by somebody is owned by them, and their browser looks at it", async () => {
    const ann = await testMember(t, t.orgA, "viewer", "ann@x.example");
    const ctx = testContext(t, ann);
    const { id } = await createCaller(ctx).org.create({ name: "Second" });
    const found = await findSessionPrincipal(t.app, ctx.cookies[0]!);
    expect(found?.principal.org).toEqual({ id, name: "Second", role: "owner" });
    const back = testContext(t, found!.principal);
    await createCaller(back).org.switch({ id: t.orgA });
    expect((await findSessionPrincipal(t.app, back.cookies[0]!))?.principal.org).toMatchObject({
      id: t.orgA,
      role: "viewer",
    });
    // the secret before the switch is worth nothing
    expect(await findSessionPrincipal(t.app, ctx.cookies[0]!)).toBeNull();
  });

  test("is deleted by an owner who types its name, with all it has, and nothing else", async () => {
    const org = await createTestOrganisation(t.app, "Short-lived");
    const owner = await testMember(t, org, "owner", "owner@short.example");
    await testMember(t, t.orgB, "owner");
    const caller = testCaller(t, owner);
    await caller.dashboards.create({ title: "gone soon" });
    await t.worker.withOrg(org, (tx) =>
      tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${org}, 'c')`),
    );
    await expect(caller.org.delete({ name: "short-lived" })).rejects.toMatchObject({
      code: "UNPROCESSABLE_CONTENT",
    });
    await caller.org.delete({ name: "Short-lived" });
    const [left] = await operator.withInstance((tx) =>
      tx.rows(
        sql`SELECT (SELECT count(*)::int FROM organisation WHERE id = ${org}) AS organisations,
          (SELECT count(*)::int FROM customer WHERE org_id = ${org}) AS customers,
          (SELECT count(*)::int FROM audit_log WHERE org_id = ${org}) AS audit,
          (SELECT count(*)::int FROM audit_log WHERE action = 'organisation.deleted' AND target = 'Short-lived') AS noted,
          (SELECT count(*)::int FROM membership WHERE org_id = ${t.orgB}) AS others`,
      ),
    );
    expect(left).toEqual({ organisations: 0, customers: 0, audit: 0, noted: 1, others: 1 });
    await expect(caller.org.get()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
