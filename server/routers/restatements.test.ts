import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#db/ids.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { startTestServer, testCaller, testMember, testToken } from "../testing.ts";

let t: TestDatabase;
const [first, second, third] = [newId(), newId(), newId()];
const uploadId = newId();
let actorId: string;
beforeAll(async () => {
  t = await createTestDatabase();
  for (const org of [t.orgA, t.orgB]) {
    const { userId, email } = await testMember(t, org, "editor");
    if (org === t.orgA) actorId = userId;
    expect(email).toContain("editor-");
    const times = org === t.orgA ? 1 : 1000;
    await t.worker.withOrg(org, async (tx) => {
      await tx.rows(
        sql`INSERT INTO upload (org_id, id, file_name, kind, status) VALUES (${org}, ${uploadId}, ${org === t.orgA ? "march.csv" : "secret.csv"}, 'subscriptions', 'undone')`,
      );
      const add = (id: string, cause: string, month: string, before: number, after: number, days: number) =>
        tx.rows(sql`INSERT INTO restatement (org_id, id, at, cause, upload_id, actor_id, month, before_annual, after_annual, rows)
          VALUES (${org}, ${id}, now() - make_interval(days => ${days}), ${cause}, ${uploadId}, ${userId}, ${month}::date, ${before * times}, ${after * times}, 3)`);
      await add(first, "upload", "2026-01-01", 1200, 1000, 90);
      await add(first, "upload", "2026-02-01", 1200, 600, 90);
      await add(second, "upload", "2026-02-01", 600, 1200, 5);
      await add(second, "upload", "2026-03-01", 6000, 960, 5);
      await add(third, "undo", "2026-02-01", 1200, 600, 1);
    });
  }
});
afterAll(() => t.close());

const caller = async () => testCaller(t, await testMember(t, t.orgA, "viewer")).restatements;

/** Every item of a list, asked for one at a time. */
async function walk<Item>(
  list: (page: { limit: number; cursor?: string }) => Promise<{ items: Item[]; next: string | null }>,
) {
  const all: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await list({ limit: 1, cursor });
    all.push(...items);
    cursor = next ?? undefined;
  } while (cursor);
  return all;
}

describe("the restatement log", () => {
  test("is listed month by month, newest change first, and only one’s own", async () => {
    const { list } = await caller();
    const rows = await walk(list);
    expect(rows.map(({ id, month, change }) => [id, month, change])).toEqual([
      [third, "2026-02", "-50"],
      [second, "2026-02", "50"],
      [second, "2026-03", "-420"],
      [first, "2026-01", "-16.666666666667"],
      [first, "2026-02", "-50"],
    ]);
    expect(rows[3]).toMatchObject({ before_mrr: "100", after_mrr: "83.333333333333", rows: 3 });
    expect((await list({ month: "2026-03" })).items).toHaveLength(1);
    expect((await list({ upload_id: newId() })).items).toEqual([]);
  });

  test("is grouped by change: its months, its file, who did it, and one sentence that says why", async () => {
    const { events } = await caller();
    const found = await walk(events);
    expect(found.map(({ id }) => id)).toEqual([third, second, first]);
    expect(found[1]).toMatchObject({
      cause: "upload",
      reason: "the import of “march.csv” changed 3 rows",
      summary:
        "2 months from February 2026 to March 2026 moved, the last by −$420, because the import of “march.csv” changed 3 rows.",
      upload: { id: uploadId, file_name: "march.csv", kind: "subscriptions", status: "undone" },
      rows: 3,
      currency: "USD",
      before_currency: "USD",
      months: [
        { month: "2026-02", before_mrr: "50", after_mrr: "100", change: "50" },
        { month: "2026-03", before_mrr: "500", after_mrr: "80", change: "-420" },
      ],
      total: "-370",
    });
    expect(found[0]?.summary).toBe(
      "February 2026 moved by −$50 because the import of “march.csv” was undone (3 rows).",
    );
    expect(found[0]?.actor).toMatch(/^editor-/);
  });

  test("answers for one month with the changes that moved it, all their months included", async () => {
    const { events } = await caller();
    const { items } = await events({ month: "2026-03" });
    expect(items.map(({ id, months }) => [id, months.length])).toEqual([[second, 2]]);
    await expect(events({ month: "2026-13" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("says what all changes together made of each month, 0 where it is back where it was", async () => {
    const { months } = await caller();
    const all = await months({});
    expect(all.currency).toBe("USD");
    expect(all.months).toMatchObject([
      { month: "2026-03", before_mrr: "500", after_mrr: "80", change: "-420", events: 1 },
      { month: "2026-02", before_mrr: "100", after_mrr: "50", change: "-50", events: 3 },
      { month: "2026-01", change: "-16.666666666667", events: 1 },
    ]);
    expect((await months({ days: 30 })).months.map(({ month, change }) => [month, change])).toEqual([
      ["2026-03", "-420"],
      ["2026-02", "0"],
    ]);
  });

  test("refuses a cursor that somebody made up", async () => {
    const { list, events } = await caller();
    const forged = (...key: unknown[]) => Buffer.from(JSON.stringify(key)).toString("base64url");
    for (const ask of [list, events])
      for (const cursor of ["!!", forged(1, 2, 3), forged("x'; --"), forged("2026-13-99", "x'; --")])
        await expect(ask({ limit: 5, cursor })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("after a change of currency keeps amounts in the currency they were counted in", async () => {
    await t.worker.withOrg(t.orgB, async (tx) => {
      await tx.rows(sql`UPDATE organisation SET currency = 'EUR' WHERE id = ${t.orgB}`);
      await tx.rows(sql`INSERT INTO restatement (org_id, id, cause, actor_id, month, before_annual, after_annual)
        VALUES (${t.orgB}, ${newId()}, 'currency USD → EUR, policy version 2', ${actorId}, '2026-01-01', 1200, 600)`);
      await tx.rows(sql`INSERT INTO restatement (org_id, id, cause, month, before_annual, after_annual)
        VALUES (${t.orgB}, ${newId()}, 'merge', '2026-01-01', 600, 660)`);
    });
    const restatements = testCaller(t, await testMember(t, t.orgB, "viewer")).restatements;
    const { items } = await restatements.events({ limit: 10 });
    expect(items.map((one) => [one.before_currency, one.currency, one.total])).toEqual([
      ["EUR", "EUR", "5"],
      ["USD", "EUR", null],
      ["USD", "USD", "-50000"],
      ["USD", "USD", "-370000"],
      ["USD", "USD", "-66666.666666666667"],
    ]);
    expect(items[1]?.summary).toBe(
      "January 2026 moved into another currency because the currency changed from USD to EUR and the metric policy changed (version 2).",
    );
    expect(items[0]?.reason).toBe("customers were merged");
    expect(await restatements.months({})).toMatchObject({
      currency: "EUR",
      months: [{ month: "2026-01", before_mrr: "50", after_mrr: "55", change: "5" }],
    });
  });

  test("is served by REST", async () => {
    const server = await startTestServer(t);
    const headers = { Authorization: `Bearer ${await testToken(t, t.orgA, "viewer")}` };
    const get = async (path: string) => {
      const response = await fetch(`${server.url}/api/v1${path}`, { headers });
      return { status: response.status, body: (await response.json()) as Record<string, unknown[]> };
    };
    expect((await get("/restatements?month=2026-02")).body.items).toHaveLength(3);
    expect((await get("/restatements/events?month=2026-01")).body.items).toMatchObject([{ id: first }]);
    expect((await get("/restatements/months?days=30")).body.months).toMatchObject([
      { month: "2026-03" },
      { month: "2026-02" },
    ]);
    expect((await get("/restatements/events?month=soon")).status).toBe(400);
    await server.close();
  });
});
