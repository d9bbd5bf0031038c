import { afterAll, beforeAll, expect, test } from "vitest";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { writeFacts } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testCaller, testMember } from "../testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
  for (const org of [t.orgA, t.orgB])
    await t.worker.withOrg(org, async (tx) => {
      const state = {
        plan: "Gold",
        currency: "USD",
        interval: "month",
        source: "upload",
        fromDay: "2025-01-10",
        toDay: null,
      };
      await writeFacts(tx, {
        states: [
          { ...state, customerId: "a", subscriptionId: "s1", annual: "1200" },
          { ...state, customerId: "b", subscriptionId: "s2", annual: "600" },
          { ...state, customerId: "c", subscriptionId: "s3", annual: "240", status: "paused" },
        ],
        rates: [{ day: "2025-01-01", from: "USD", to: "EUR", rate: "0.5" }],
      });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
});
afterAll(() => t.close());

/** Whatever people can do to closed months, besides files. */
test("an exclusion, its end, another policy and another currency each say in the log what they moved and who did it", async () => {
  const owner = await testMember(t, t.orgA, "owner");
  const { restatements, exclusions, org } = testCaller(t, owner);
  const newest = async () => {
    const { items } = await restatements.events({ limit: 1 });
    const [event] = items;
    const [month] = event?.months ?? [];
    return { reason: event?.reason, actor: event?.actor, ...month, total: event?.total };
  };
  expect((await restatements.events({})).items).toEqual([]);

  const excluded = await exclusions.create({ kind: "customer", id: "b", reason: "test account" });
  expect(await newest()).toMatchObject({
    reason: "something was excluded from the numbers",
    actor: owner.email,
    month: "2025-01",
    before_mrr: "150",
    after_mrr: "100",
    change: "-50",
  });
  await exclusions.delete({ id: excluded.id });
  expect(await newest()).toMatchObject({
    reason: "something that was excluded counts again",
    actor: owner.email,
    change: "50",
  });

  await org.update({ policy: { paused: "counts" } });
  expect(await newest()).toMatchObject({
    reason: "the metric policy changed (version 2)",
    actor: owner.email,
    before_mrr: "150",
    after_mrr: "170",
    change: "20",
  });

  await org.update({ currency: "EUR" });
  expect(await newest()).toMatchObject({
    reason: "the currency changed from USD to EUR",
    actor: owner.email,
    before_mrr: "170",
    after_mrr: "85",
    change: null,
    total: null,
  });
  expect((await restatements.events({})).items).toHaveLength(4);
  const theirs = testCaller(t, await testMember(t, t.orgB, "owner"));
  expect((await theirs.restatements.events({})).items).toEqual([]);
});
