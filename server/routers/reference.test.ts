import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testCaller, testMember } from "../testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
  for (const org of [t.orgA, t.orgB])
    await t.worker.withOrg(org, async (tx) => {
      const factor = org === t.orgA ? 1 : 1000;
      await tx.rows(
        sql`INSERT INTO spend (org_id, month, category, amount, currency) VALUES (${org}, '2026-01-01', 'ads', ${100 * factor}, 'USD'), (${org}, '2026-02-01', NULL, ${0.5 * factor}, 'EUR'), (${org}, '2026-02-01', 'ads', ${7 * factor}, 'USD')`,
      );
      await tx.rows(
        sql`INSERT INTO fx_rate (org_id, day, from_currency, to_currency, rate) VALUES (${org}, '2026-01-01', 'EUR', 'USD', ${1.25 * factor}), (${org}, '2026-03-01', 'EUR', 'USD', ${1.5 * factor})`,
      );
    });
});
afterAll(() => t.close());

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

test("spend and rates are listed page by page, newest first, and only one’s own", async () => {
  const { reference } = testCaller(t, await testMember(t, t.orgA, "viewer"));
  const spend = await walk(reference.spend);
  expect(spend.map(({ month, category, amount, currency }) => [month, category, amount, currency])).toEqual([
    ["2026-02", "ads", "7", "USD"],
    ["2026-02", null, "0.5", "EUR"],
    ["2026-01", "ads", "100", "USD"],
  ]);
  const rates = await walk(reference.fxRates);
  expect(rates.map(({ date, from, to, rate }) => [date, from, to, rate])).toEqual([
    ["2026-03-01", "EUR", "USD", "1.5"],
    ["2026-01-01", "EUR", "USD", "1.25"],
  ]);
});

test("a cursor that somebody made up is refused", async () => {
  const { reference } = testCaller(t, await testMember(t, t.orgA, "viewer"));
  const forged = (...key: unknown[]) => Buffer.from(JSON.stringify(key)).toString("base64url");
  for (const list of [reference.spend, reference.fxRates])
    for (const cursor of ["!!", forged(1), forged("2026-13-99", "x'; --")])
      await expect(list({ limit: 5, cursor })).rejects.toMatchObject({ code: "BAD_REQUEST" });
});
