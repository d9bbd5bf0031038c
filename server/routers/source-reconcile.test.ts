import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mergeCustomers } from "#db/queries/customer-merges.ts";
import { putCustomerFacts } from "#db/queries/source-facts.ts";
import { factsOf, versionFact, writeSource } from "#db/queries/testing-sources.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { testCaller, testMember } from "../testing.ts";

let t: TestDatabase;
let source: string;
let foreignSource: string;
beforeAll(async () => {
  t = await createTestDatabase();
  source = await t.worker.withOrg(t.orgA, async (tx) => {
    const id = await writeSource(tx);
    const annual = { none: "240", all: "120", recurring: "120", forever: "240" };
    await putCustomerFacts(tx, id, [
      factsOf("cus_same", { versions: [versionFact()] }),
      factsOf("cus_coupon", { versions: [versionFact({ unitAmount: "20", annual })] }),
      factsOf("cus_trial", { versions: [versionFact({ mrr: 30, status: "trialing" })] }),
      factsOf("cus_only_ours", { versions: [versionFact({ mrr: 5, startedAt: "2026-02-10T00:00:00Z" })] }),
      factsOf("cus_invoices", { versions: [versionFact({ mrr: 40, confidence: "invoice" })] }),
      factsOf("cus_usage", {
        versions: [versionFact({ mrr: 7 })],
        usage: [
          { evidence: "invoice_line:il_1", at: "2026-02-11T00:00:00Z", amount: "3.5", currency: "USD" },
        ],
      }),
      factsOf("cus_test", { versions: [versionFact({ mrr: 99 })] }),
    ]);
    await tx.rows(
      sql`UPDATE customer SET excluded_reason = 'a test' WHERE org_id = ${tx.orgId} AND external_id = 'cus_test'`,
    );
    return id;
  });
  foreignSource = await t.worker.withOrg(t.orgB, async (tx) => {
    const id = await writeSource(tx);
    await putCustomerFacts(tx, id, [factsOf("cus_same", { versions: [versionFact({ mrr: 1000 })] })]);
    return id;
  });
});
afterAll(() => t.close());

const as = async (role: "admin" | "editor" | "viewer", org = t.orgA) =>
  testCaller(t, await testMember(t, org, role)).sourceReconcile;

const report = [
  "Customer ID,Customer,Customer Email,Currency,2026-01,2026-02",
  "cus_same,Same,,usd,10.00,10.00",
  "cus_coupon,Coupon,,usd,20.00,20.00",
  "cus_trial,Trial,,usd,30.00,0.00",
  "cus_invoices,Invoices,,usd,33.00,40.00",
  "cus_usage,Usage,,usd,7.00,10.50",
  "cus_test,Test,,usd,99.00,99.00",
  "cus_gone,Gone,,usd,12.00,0.00",
  "",
].join("\n");

describe("comparing with Stripe’s own report", () => {
  test("without one there is nothing to compare, and that is said", async () => {
    const { get } = await as("viewer");
    expect(await get({ id: source })).toEqual({ file: null, months: [], items: [], next: null });
  });

  test("adds up each month, and names the rule of each difference", async () => {
    const { put } = await as("admin");
    await put({ id: source, name: "mrr.csv", csv: report });
    const { get } = await as("viewer");
    const { file, months, items } = await get({ id: source });
    expect(file).toMatchObject({ name: "mrr.csv", from: "2026-01", to: "2026-02" });
    expect(months).toEqual([
      {
        month: "2026-02",
        currency: "USD",
        ours: "72",
        theirs: "179.5",
        equal: 4,
        explained: 4,
        unexplained: 0,
      },
      {
        month: "2026-01",
        currency: "USD",
        ours: "67",
        theirs: "211",
        equal: 2,
        explained: 5,
        unexplained: 0,
      },
    ]);
    expect(items.map(({ month, customer_id, reason }) => `${month} ${customer_id} ${reason}`)).toEqual([
      "2026-02 cus_test excluded",
      "2026-02 cus_coupon discounts",
      "2026-02 cus_only_ours not_in_theirs",
      "2026-02 cus_usage metered",
      "2026-01 cus_test excluded",
      "2026-01 cus_trial trial",
      "2026-01 cus_gone not_in_ours",
      "2026-01 cus_coupon discounts",
      "2026-01 cus_invoices inferred_history",
    ]);
    expect(items[1]).toMatchObject({
      name: "Name of cus_coupon",
      ...{ ours: "10", theirs: "20", difference: "-10", currency: "USD", confidence: "exact" },
      explanation:
        "Stripe’s figure takes off only discounts that run for ever; by your rule discounts that run for ever or for some months come off.",
    });
  });

  test("shows one month, one reason, everything, page by page", async () => {
    const { get } = await as("viewer");
    expect((await get({ id: source, month: "2026-01", reason: "trial" })).items).toHaveLength(1);
    const first = await get({ id: source, show: "all", limit: 10 });
    const second = await get({ id: source, show: "all", limit: 10, cursor: first.next ?? "" });
    expect(first.items).toHaveLength(10);
    expect([second.items.length, second.next]).toEqual([5, null]);
    await expect(get({ id: source, cursor: "nonsense" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("compares customers that were merged here each with its own line: the vendor knows of no merge", async () => {
    const org = await createTestOrganisation(t.app, "Merged");
    const id = await t.worker.withOrg(org, async (tx) => {
      const made = await writeSource(tx);
      await putCustomerFacts(tx, made, [
        factsOf("cus_old", { versions: [versionFact({ mrr: 10 })] }),
        factsOf("cus_new", { versions: [versionFact({ key: "si_2", subscriptionId: "sub_2", mrr: 25 })] }),
      ]);
      return made;
    });
    const admin = await as("admin", org);
    const csv =
      "Customer ID,Customer,Customer Email,Currency,2026-02\ncus_old,O,,usd,10.00\ncus_new,N,,usd,30.00\n";
    await admin.put({ id, name: "mrr.csv", csv });
    const compared = async () => {
      const { months, items } = await admin.get({ id, show: "all" });
      return {
        months: months.map(({ ours, theirs, equal, unexplained }) => [ours, theirs, equal, unexplained]),
        items: items.map(({ customer_id, name, ours, theirs }) => [customer_id, name, ours, theirs]),
      };
    };
    const apart = await compared();
    expect(apart).toEqual({
      months: [["35", "40", 1, 1]],
      items: [
        ["cus_new", "Name of cus_new", "25", "30"],
        ["cus_old", "Name of cus_old", "10", "10"],
      ],
    });
    await t.app.withOrg(org, (tx) =>
      mergeCustomers(tx, { customer: "cus_old", into: "cus_new", actorId: null }),
    );
    expect(await compared()).toEqual(apart);
    // and who is left out here is left out with all that count as it
    await t.worker.withOrg(org, async (tx) => {
      await tx.rows(
        sql`UPDATE customer SET excluded_reason = 'a test' WHERE org_id = ${tx.orgId} AND external_id = 'cus_new'`,
      );
      // as whoever changes the numbers does: answers of before are forgotten
      await tx.rows(
        sql`UPDATE organisation SET metrics_version = metrics_version + 1 WHERE id = ${tx.orgId}`,
      );
    });
    const { items } = await admin.get({ id, show: "all" });
    expect(items.map(({ customer_id, reason }) => [customer_id, reason])).toEqual([
      ["cus_new", "excluded"],
      ["cus_old", "excluded"],
    ]);
  });

  test("takes a file once more, forgets it, and changes no number by either", async () => {
    const admin = await as("admin");
    const version = () =>
      t.app.withOrg(t.orgA, async (tx) => (await tx.rows(sql`SELECT metrics_version FROM organisation`))[0]);
    const before = await version();
    await admin.put({
      id: source,
      name: "again.csv",
      csv: "Customer ID;2026-01\ncus_same;11\ncus_same;-1\n",
    });
    expect(await admin.get({ id: source, show: "all", month: "2026-01" })).toMatchObject({
      file: { name: "again.csv", to: "2026-01" },
      months: [{ month: "2026-01", equal: 1 }],
    });
    await admin.delete({ id: source });
    expect((await admin.get({ id: source })).file).toBeNull();
    expect(await version()).toEqual(before);
  });

  test("refuses what is no such report, naming the line", async () => {
    const { put } = await as("admin");
    const refused = (csv: string) => put({ id: source, name: "x.csv", csv });
    await expect(refused("a,b\n1,2\n")).rejects.toThrow("Customer ID");
    await expect(refused("Customer ID,2026-01\ncus_1,ten\n")).rejects.toThrow("Line 2: “ten” is no amount.");
    await expect(refused("Customer ID,2026-01\n")).rejects.toThrow("no figures");
    await expect(refused(`Customer ID,2026-01\n${'"a\n'.repeat(200)}`)).rejects.toMatchObject({
      code: "UNPROCESSABLE_CONTENT",
    });
  });

  test("is for admins to give, and another organisation’s source is not there", async () => {
    await expect((await as("editor")).put({ id: source, name: "x.csv", csv: report })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const { get, put } = await as("admin");
    await expect(get({ id: foreignSource })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(put({ id: foreignSource, name: "x.csv", csv: report })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const rows = await t.app.withOrg(t.orgB, (tx) => tx.rows(sql`SELECT FROM source_oracle`));
    expect(rows).toEqual([]);
  });
});
