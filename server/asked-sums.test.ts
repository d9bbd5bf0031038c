import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { keepAsked, loadFacts } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { noteSums } from "./asked-sums.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(async () => {
  vi.useRealTimers();
  await t.close();
});

test("that sums are asked for is noted once an hour, of each organisation by itself", async () => {
  const question = { filter: { country: "DE", "attr.size": "S" }, grain: "month" } as const;
  for (const org of [t.orgA, t.orgB]) {
    await loadFacts(t, org, {
      states: [
        {
          ...{ customerId: "a", subscriptionId: "s", plan: null, currency: "USD", interval: "month" },
          ...{ source: "upload", fromDay: "2025-01-01", toDay: null, annual: "12" },
        },
      ],
      customers: [{ customerId: "a", country: "DE", attributes: { size: "S" } }],
    });
    await t.worker.withOrg(org, (tx) => keepAsked(tx, [question]));
  }
  const notedAt = (org: string) =>
    t.app.withOrg(org, async (tx) => {
      const [row] = await tx.rows<{ at: string }>(
        sql`SELECT asked_at::text AS at FROM kept_sums WHERE org_id = ${tx.orgId}`,
      );
      return row?.at;
    });
  const note = (org: string) =>
    noteSums({ db: t.app, org: { id: org }, inOrg: (fn) => t.app.withOrg(org, fn) }, question);
  const begun = [await notedAt(t.orgA), await notedAt(t.orgB)];
  await note(t.orgA);
  const first = await notedAt(t.orgA);
  expect(first).not.toBe(begun[0]);
  await note(t.orgA);
  expect([await notedAt(t.orgA), await notedAt(t.orgB)]).toEqual([first, begun[1]]);
  await note(t.orgB);
  expect(await notedAt(t.orgB)).not.toBe(begun[1]);

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61 * 60_000 });
  await note(t.orgA);
  expect(await notedAt(t.orgA)).not.toBe(first);
});
