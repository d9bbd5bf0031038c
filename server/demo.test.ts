import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "#db/database.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { ensureDemo, isDemoOpen } from "./demo.ts";
import { createCaller } from "./router.ts";
import { testCaller, testContext, testEnv, testMember } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

describe("the demo", () => {
  test("is made once, however many come first, and one job loads it", async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => ensureDemo(t.app)));
    expect(new Set(made.map(({ orgId }) => orgId)).size).toBe(1);
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    const admin = createDatabase({ url: t.url, role: "jarvis_maint" });
    const [jobs] = await admin.withInstance((tx) =>
      tx
        .rows(sql`RESET ROLE`)
        .then(() =>
          tx.rows(
            sql`SELECT count(*)::int AS jobs FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'loadDemo'`,
          ),
        ),
    );
    await admin.close();
    expect(jobs).toEqual({ jobs: 1 });
  });

  test("is open to strangers only where strangers cannot come from", async () => {
    expect(isDemoOpen({ BASE_URL: null })).toBe(true);
    expect(isDemoOpen({ BASE_URL: "http://127.0.0.1:3000" })).toBe(true);
    expect(isDemoOpen({ BASE_URL: "https://jarvis.example" })).toBe(false);
    expect(isDemoOpen({ BASE_URL: "https://localhost.evil.example" })).toBe(false);
    const inPublic = createCaller(
      testContext(t, null, { env: testEnv({ BASE_URL: "https://jarvis.example" }) }),
    );
    await expect(inPublic.demo.enter()).rejects.toMatchObject({ code: "FORBIDDEN" });
    const here = testContext(t, null);
    await createCaller(here).demo.enter();
    expect(here.cookies).toHaveLength(1);
  });

  test("of somebody with an account is their own", async () => {
    const ann = await testMember(t, t.orgA, "viewer", "ann@x.example");
    await testCaller(t, ann).demo.load();
    await testCaller(t, ann).demo.load();
    const { organisations } = await testCaller(t, ann).account.me();
    expect(organisations.map(({ is_demo, role }) => [is_demo, role])).toEqual([
      [false, "viewer"],
      [true, "owner"],
    ]);
    expect(organisations.map(({ id }) => id)).not.toContain((await ensureDemo(t.app)).orgId);
  });
});
