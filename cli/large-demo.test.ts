import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { parseEnv } from "#root/env.ts";
import { handInLargeDemo } from "#workers/demo/large/hand-in.ts";
import { demo } from "./demo.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

async function run(...args: string[]) {
  const printed: string[] = [];
  const noted: string[] = [];
  await demo(args, {
    env: parseEnv({ DATABASE_URL: t.url }),
    databaseUrl: t.url,
    isOurs: false,
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
  });
  return { printed, noted };
}

const countsOf = (orgId: string) =>
  t.app.withOrg(orgId, async (tx) => {
    const [row] = await tx.rows<Record<string, number>>(sql`
      SELECT (SELECT count(*)::int FROM customer WHERE org_id = ${orgId}) AS customers,
        (SELECT count(*)::int FROM upload WHERE org_id = ${orgId}) AS uploads,
        (SELECT count(*)::int FROM upload_chunk WHERE org_id = ${orgId}) AS chunks,
        (SELECT sum(rows_rejected)::int FROM upload WHERE org_id = ${orgId}) AS rejected,
        (SELECT count(*)::int FROM unvalued WHERE org_id = ${orgId}) AS unvalued,
        (SELECT count(*)::int FROM movement WHERE org_id = ${orgId}) AS movements,
        (SELECT count(*)::int FROM movement WHERE org_id = ${orgId} AND kind = 'fx') AS fx,
        (SELECT count(DISTINCT kind)::int FROM movement WHERE org_id = ${orgId}) AS kinds,
        (SELECT count(DISTINCT date_trunc('month', day))::int FROM movement WHERE org_id = ${orgId} AND day <= current_date) AS months`);
    return row!;
  });

async function organisationNamed(name: string): Promise<string> {
  const [row] = await t.app.withInstance((tx) =>
    tx.rows<{ id: string }>(sql`SELECT id FROM organisation WHERE name = ${name}`),
  );
  return row!.id;
}

describe("demo --customers", () => {
  test("makes an organisation of that size through the ordinary import, about eight movements per customer", {
    timeout: 120_000,
  }, async () => {
    const { printed, noted } = await run("--customers", "2000");
    expect(printed).toEqual(["Demo company (2,000 customers): 2000 customers."]);
    expect(noted.some((text) => text.includes("of 2,000 customers"))).toBe(true);
    const counts = await countsOf(await organisationNamed("Demo company (2,000 customers)"));
    expect(counts).toMatchObject({
      customers: 2_000,
      uploads: 4,
      rejected: 0,
      unvalued: 0,
      kinds: 6,
      months: 36,
    });
    expect(counts.movements! / 2_000).toBeGreaterThan(7);
    expect(counts.movements! / 2_000).toBeLessThan(9);
    expect(counts.fx! / counts.movements!).toBeGreaterThan(0.02);
    expect(counts.fx! / counts.movements!).toBeLessThan(0.1);
    for (const other of [t.orgA, t.orgB])
      expect(await countsOf(other)).toMatchObject({ customers: 0, movements: 0 });
  });

  test("finds it there when asked again", async () => {
    expect((await run("--customers", "2000")).printed).toEqual([
      "Demo company (2,000 customers): 2000 customers, was there already.",
    ]);
  });

  test("stopped half-way leaves nothing of the file under way, and goes on with it the next time", async () => {
    const stop = new AbortController();
    const handIn = (signal: AbortSignal) =>
      handInLargeDemo(t.app, t.orgA, {
        customers: 20_000,
        maxBytes: 1024 ** 3,
        signal,
        onProgress: (file) => {
          if (file === "demo-customers.csv") stop.abort(new Error("Ctrl-C"));
        },
      });
    await expect(handIn(stop.signal)).rejects.toThrow("Ctrl-C");
    expect(await countsOf(t.orgA)).toMatchObject({ uploads: 2, chunks: 2 });
    const uploads = await handIn(new AbortController().signal);
    expect((await countsOf(t.orgA)).uploads).toBe(4);
    expect(uploads.map(({ fileName }) => fileName)).toEqual([
      "demo-fx-rates.csv",
      "demo-spend.csv",
      "demo-customers.csv",
      "demo-subscriptions.csv",
    ]);
    expect((await countsOf(t.orgB)).uploads).toBe(0);
  });

  test("says how many there may be", async () => {
    for (const wrong of ["0", "-3", "many", "1e3", "99999999"])
      await expect(run(`--customers=${wrong}`)).rejects.toThrow("from 1 to 2000000");
  });
});
