import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "#db/database.ts";
import { getCohorts } from "#db/queries/cohorts.ts";
import { mergeCustomers, splitCustomer } from "#db/queries/customer-merges.ts";
import { listCustomers } from "#db/queries/customers.ts";
import { createExclusion } from "#db/queries/exclusions.ts";
import { getMetrics } from "#db/queries/metrics.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { readLedger } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { isAppError } from "#root/errors.ts";
import { undo, upload } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const ids = ["a", "b", "c"] as const;
const id = fc.constantFrom(...ids);
const amount = fc.integer({ min: 1, max: 99 });
const month = fc.integer({ min: 1, max: 9 });
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });

/** Files of every kind that names customers; the same subscription ids come again and again. */
const file = fc.oneof(
  some(fc.record({ id, amount, month, end: fc.boolean() })).map(
    (rows) =>
      `customer_id,customer_name,subscription_id,plan,amount,started_at,ended_at\n${rows
        .map(
          (r) =>
            `${r.id},Name ${r.amount},s-${r.id},Gold,${r.amount},2025-0${r.month}-10,${r.end ? "2025-12-01" : ""}`,
        )
        .join("\n")}`,
  ),
  fc
    .uniqueArray(fc.record({ id, month, amount }), {
      minLength: 1,
      maxLength: 4,
      selector: (r) => `${r.id}${r.month}`,
    })
    .map(
      (rows) =>
        `customer_id,month,mrr\n${rows.map((r) => `${r.id},2025-0${r.month},${r.amount}`).join("\n")}`,
    ),
  some(fc.record({ id, month, amount })).map(
    (rows) =>
      `customer_id,date,amount\n${rows.map((r) => `${r.id},2025-0${r.month}-05,${r.amount}`).join("\n")}`,
  ),
  some(fc.record({ id, month })).map(
    (rows) =>
      `customer_id,name,country,signup_at\n${rows.map((r) => `${r.id},N${r.month},${r.month > 4 ? "DE" : "US"},2025-0${r.month}-01`).join("\n")}`,
  ),
);
const crowd = `customer_id,country,amount,started_at\n${Array.from({ length: 12 }, (_, i) => `z${i},DE,${i + 1},2025-01-10`).join("\n")}`;
type Deed =
  | { do: "upload"; file: string }
  | { do: "undo"; nth: number }
  | { do: "merge"; from: string; into: string }
  | { do: "split"; id: string };
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { arbitrary: file.map((text): Deed => ({ do: "upload", file: text })), weight: 4 },
  { arbitrary: fc.nat(5).map((nth): Deed => ({ do: "undo", nth })), weight: 2 },
  { arbitrary: fc.record({ from: id, into: id }).map((who): Deed => ({ do: "merge", ...who })), weight: 3 },
  { arbitrary: id.map((who): Deed => ({ do: "split", id: who })), weight: 1 },
);

/** A merge or split that is not possible just now is none. */
async function tolerant(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isAppError(error) || (error.code !== "CONFLICT" && error.code !== "NOT_FOUND")) throw error;
  }
}

async function carryOut(orgId: string, deeds: readonly Deed[], merging: boolean): Promise<void> {
  // many bystanders, so that the touched customers are the smaller part
  await upload(t, orgId, crowd);
  const uploads: string[] = [];
  const inOrg = merging ? t.app.withOrg : null;
  for (const one of deeds) {
    if (one.do === "upload") {
      const done = await upload(t, orgId, one.file);
      expect(done.status).toBe("done");
      uploads.push(done.id);
    } else if (one.do === "undo") {
      const [uploadId] = uploads.splice(one.nth, 1);
      if (uploadId) await undo(t, orgId, uploadId);
    } else if (one.do === "merge")
      await tolerant(async () =>
        inOrg?.(orgId, (tx) => mergeCustomers(tx, { customer: one.from, into: one.into, actorId: null })),
      );
    else
      await tolerant(async () =>
        inOrg?.(orgId, (tx) => splitCustomer(tx, { customer: one.id, actorId: null })),
      );
  }
  if (!merging) return;
  // what was kept up to date is what a rebuild makes
  const kept = await filtered(orgId);
  await t.worker.withOrg(orgId, (tx) => refreshCustomers(tx, { touched: "all", cause: "rebuild" }));
  expect(await filtered(orgId)).toEqual(kept);
  // chains come apart from either end
  for (const _ of ids)
    for (const who of ids)
      await tolerant(async () => inOrg?.(orgId, (tx) => splitCustomer(tx, { customer: who, actorId: null })));
}

/** Numbers of parts of an organisation, which have sums of their own. */
const filtered = (orgId: string) =>
  t.app.withOrg(orgId, async (tx) => {
    const found = [];
    const filters: Record<string, string[]>[] = [
      { plan: ["Gold"] },
      { plan: [""] },
      { country: ["DE"] },
      { country: ["", "US"] },
    ];
    for (const filter of filters) {
      const { version: _, ...answer } = await getMetrics(tx, {
        ...{ grain: "month", from: "2025-01", to: "2026-01", filter },
        names: ["mrr", "customers", "new_mrr", "churned_mrr", "nrr", "usage_revenue"],
      });
      found.push(answer);
    }
    return found;
  });

/** Every figure of an organisation. */
const figures = (orgId: string) =>
  t.app.withOrg(orgId, async (tx) => {
    const { version: _, ...metrics } = await getMetrics(tx, {
      grain: "month",
      from: "2025-01",
      to: "2026-01",
      filter: {},
    });
    const cohorts = [];
    for (const basis of ["first_payment", "signup", "first_activity"] as const) {
      const { version: __, ...found } = await getCohorts(tx, {
        grain: "month",
        basis,
        measure: "customers",
        filter: {},
        as_of: "2026-01-31",
      });
      cohorts.push(found);
    }
    return {
      ledger: await readLedger(tx),
      filtered: await filtered(orgId),
      metrics,
      cohorts,
      customers: await listCustomers(tx, { sort: "customer_id", filter: {}, limit: 100 }),
      facts: await tx.rows(sql`
        SELECT c.external_id, v.sub_key, v.annual, v.from_day, v.to_day, v.superseded_by IS NULL AS live, v.merged_from
        FROM subscription_version v JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = v.customer_id
        WHERE v.org_id = ${tx.orgId} ORDER BY 1, 2, 4, 3, 5, 6`),
    };
  });

describe("imports and undos of merged customers", () => {
  test("leave, after everybody was split again, what they leave where nobody was ever merged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 3, maxLength: 9 }), async (deeds) => {
        const merging = await createTestOrganisation(t.app, "Merging");
        const never = await createTestOrganisation(t.app, "Never");
        await carryOut(merging, deeds, true);
        await carryOut(never, deeds, false);
        expect(await figures(merging)).toEqual(await figures(never));
      }),
      { numRuns: 3 },
    );
  }, 180_000);

  test("count for whom the customer counts as, in the same organisation alone", async () => {
    const head = "customer_id,subscription_id,amount,started_at";
    const rows = (factor: number) =>
      `${head}\na,s1,${10 * factor},2025-01-10\nb,s2,${20 * factor},2025-03-10`;
    for (const orgId of [t.orgA, t.orgB]) await upload(t, orgId, rows(1));
    await t.app.withOrg(t.orgA, (tx) => mergeCustomers(tx, { customer: "a", into: "b", actorId: null }));
    const second = await upload(t, t.orgA, `${rows(2)}\na,s3,5,2025-02-10`);
    const states = async (orgId: string) => {
      const { movements } = await t.app.withOrg(orgId, readLedger);
      return movements.map(({ customerId, day, kind, annual }) => `${customerId} ${day} ${kind} ${annual}`);
    };
    expect(await states(t.orgA)).toEqual([
      "b 2025-01-10 new 240",
      "b 2025-02-10 expansion 60",
      "b 2025-03-10 expansion 480",
    ]);
    expect(await states(t.orgB)).toEqual(["a 2025-01-10 new 120", "b 2025-03-10 new 240"]);
    await undo(t, t.orgA, second.id);
    expect(await states(t.orgA)).toEqual(["b 2025-01-10 new 120", "b 2025-03-10 expansion 240"]);
    await t.app.withOrg(t.orgA, (tx) => splitCustomer(tx, { customer: "a", actorId: null }));
    expect(await states(t.orgA)).toEqual(await states(t.orgB));
  });
});

describe("what was excluded", () => {
  test("stays out when its file is imported again, and after an undo", async () => {
    const orgId = await createTestOrganisation(t.app, "Excluding");
    const rows = (amount: number) =>
      `customer_id,subscription_id,plan,amount,started_at\na,s1,Gold,${amount},2025-01-10\nb,s2,Internal,20,2025-03-10\nc,s3,Gold,5,2025-03-10`;
    const first = await upload(t, orgId, rows(10));
    for (const [kind, target] of [
      ["customer", "a"],
      ["plan", "Internal"],
    ] as const)
      await t.app.withOrg(orgId, (tx) =>
        createExclusion(tx, { kind, target, reason: "test", actorId: null }),
      );
    const who = async () =>
      (await t.app.withOrg(orgId, readLedger)).movements.map(({ customerId }) => customerId);
    expect(await who()).toEqual(["c"]);
    const second = await upload(t, orgId, rows(11));
    expect(await who()).toEqual(["c"]);
    await undo(t, orgId, second.id);
    await undo(t, orgId, first.id);
    expect(await who()).toEqual([]);
    await upload(t, orgId, rows(12));
    expect(await who()).toEqual(["c"]);
  });
});
