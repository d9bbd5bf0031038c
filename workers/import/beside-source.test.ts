import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "#db/database.ts";
import { listAllBesideFiles, listBesideFiles } from "#db/queries/beside-files.ts";
import { getMetrics } from "#db/queries/metrics.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { putCustomerFacts, removeSourceFacts } from "#db/queries/source-facts.ts";
import { factsOf, versionFact, writeSource } from "#db/queries/testing-sources.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { undo, upload } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const month = { names: ["mrr"], grain: "month" as const, from: "2026-02", to: "2026-02", filter: {} };
const mrr = async (orgId: string) =>
  (await t.app.withOrg(orgId, (tx) => getMetrics(tx, month))).metrics.mrr?.[0]?.value;

const file = (amount: number, plan: string) =>
  `customer_id,subscription_id,plan,amount,started_at\ncus_1,sub_1,${plan},${amount},2026-01-05\ncus_1,contract,${plan},7,2026-01-05\n`;

/** `touched` as whoever writes facts brings the numbers in line. */
const named = (ids: readonly string[]) =>
  sql`(SELECT unnest(${`{${ids.join(",")}}`}::bigint[]) AS customer_id)`;

test("files add to what a source says, but for subscriptions that it knows itself, whichever comes first", async () => {
  const first = await upload(t, t.orgA, file(100, "Old"));
  await upload(t, t.orgB, file(100, "Old"));
  const source = await t.worker.withOrg(t.orgA, async (tx) => {
    const id = await writeSource(tx);
    const touched = await putCustomerFacts(tx, id, [
      factsOf("cus_1", { versions: [versionFact({ mrr: 20 })] }),
    ]);
    await refreshCustomers(tx, { touched: named(touched), cause: "sync" });
    return id;
  });
  expect(await mrr(t.orgA)).toBe("27");
  // its file names another subscription besides
  expect(await t.app.withOrg(t.orgA, (tx) => listBesideFiles(tx, source))).toEqual({
    customers: 1,
    examples: [{ customer_id: "cus_1", name: "Name of cus_1" }],
  });
  const all = (orgId: string) => t.app.withOrg(orgId, listAllBesideFiles);
  expect(await all(t.orgA)).toMatchObject([{ source_id: source, customers: 1 }]);
  expect(await all(t.orgB)).toEqual([]);
  const none = { customers: 0, examples: [] };
  expect(await t.app.withOrg(t.orgB, (tx) => listBesideFiles(tx, source))).toEqual(none);
  const second = await upload(t, t.orgA, file(200, "New"));
  expect(second.status).toBe("done");
  expect(await mrr(t.orgA)).toBe("27");
  await undo(t, t.orgA, second.id);
  expect(await mrr(t.orgA)).toBe("27");
  await upload(t, t.orgA, file(300, "Newest"));
  await undo(t, t.orgA, first.id);
  expect(await mrr(t.orgA)).toBe("27");
  await t.worker.withOrg(t.orgA, async (tx) => {
    const touched = await removeSourceFacts(tx, source);
    await refreshCustomers(tx, { touched: named(touched), cause: "disconnect" });
  });
  expect(await mrr(t.orgA)).toBe("307");
  expect(await mrr(t.orgB)).toBe("107");
});
