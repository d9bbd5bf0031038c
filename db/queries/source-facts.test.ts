import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { mergeCustomers, splitCustomer } from "./customer-merges.ts";
import { removeFacts } from "./import-undo.ts";
import { putAsideUploads } from "./put-aside.ts";
import { refreshCustomers } from "./refresh.ts";
import { type GivenFacts, putCustomerFacts, removeSourceFacts } from "./source-facts.ts";
import { clearFacts, readLedger, writeFacts } from "./testing-ledger.ts";
import { factsOf, versionFact, writeSource } from "./testing-sources.ts";

let t: TestDatabase;
let source: string;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());
beforeEach(async () => {
  for (const org of [t.orgA, t.orgB])
    await t.app.withOrg(org, async (tx) => {
      for (const table of ["customer_fact", "customer_merge", "source", "upload"])
        await tx.rows(sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId}`);
      await clearFacts(tx);
      await tx.rows(
        sql`UPDATE organisation SET timezone = 'America/New_York', policy = '{}' WHERE id = ${tx.orgId}`,
      );
    });
  source = await t.app.withOrg(t.orgA, (tx) => writeSource(tx));
});

const inA = <T>(fn: (tx: OrgTx) => Promise<T>): Promise<T> => t.worker.withOrg(t.orgA, fn);
const put = (...given: GivenFacts[]) => inA((tx) => putCustomerFacts(tx, source, given));
const versions = () =>
  inA((tx) =>
    tx.rows(sql`
    SELECT c.external_id AS customer, v.sub_key, v.from_day::text, v.to_day::text, trim_scale(v.annual)::text AS annual,
      trim_scale(v.annual_recurring)::text AS recurring, trim_scale(v.annual_forever)::text AS forever, v.past_due_day::text,
      v.cancel_day::text, v.source, v.confidence, v.evidence, v.note, v.superseded_by::text, v.id::text
    FROM subscription_version v JOIN customer c ON c.org_id = v.org_id AND c.id = v.customer_id
    WHERE v.org_id = ${tx.orgId} ORDER BY c.external_id, v.sub_key, v.from_day, v.id`),
  );
const people = () =>
  inA((tx) =>
    tx.rows<{ external_id: string }>(sql`
    SELECT external_id, name, country, signup_day::text, attributes FROM customer WHERE org_id = ${tx.orgId} ORDER BY external_id`),
  );

describe("facts of a source", () => {
  test("are dated in the organisation's zone, with what each policy counts, and are the organisation's own", async () => {
    const touched = await put(
      factsOf("cus_1", {
        customer: {
          country: "DE",
          signedUpAt: "2026-01-01T03:00:00Z",
          attributes: { tier: "a", "b\u0000": "c\u0000\ud800" },
        },
        versions: [
          versionFact({
            ...{ startedAt: "2026-01-05T02:00:00Z", endedAt: "2026-02-01T04:59:59Z", confidence: "invoice" },
            annual: { none: "240", forever: "216", recurring: "108.123456789012", all: "96" },
            ...{ cancelRequestedAt: "2026-01-10T02:00:00Z", note: "2 × $10.00" },
          }),
          versionFact({
            startedAt: "2026-02-01T05:00:00Z",
            status: "past_due",
            pastDueSince: "2026-03-01T00:00:00Z",
          }),
        ],
        warnings: ["coupon X has no amount in eur"],
      }),
    );
    expect(touched).toHaveLength(1);
    expect(await versions()).toEqual([
      expect.objectContaining({
        ...{ customer: "cus_1", sub_key: "si_1", from_day: "2026-01-04", to_day: "2026-01-31", annual: "96" },
        ...{ recurring: "108.123456789012", forever: "216", cancel_day: "2026-01-09", past_due_day: null },
        ...{ source: "stripe", confidence: "invoice", evidence: ["subscription:sub_1"], note: "2 × $10.00" },
      }),
      expect.objectContaining({
        ...{ from_day: "2026-02-01", to_day: null, annual: "120", recurring: null, forever: null },
        past_due_day: "2026-02-28",
      }),
    ]);
    expect(await people()).toEqual([
      {
        ...{ external_id: "cus_1", name: "Name of cus_1", country: "DE", signup_day: "2025-12-31" },
        attributes: { tier: "a", b: "c\ufffd" },
      },
    ]);
    const [warning] = await inA((tx) =>
      tx.rows(sql`SELECT customer_id, message FROM source_warning WHERE org_id = ${tx.orgId}`),
    );
    expect(warning).toEqual({ customer_id: "cus_1", message: "coupon X has no amount in eur" });
    const others = await t.app.withOrg(t.orgB, (tx) =>
      tx.rows(sql`SELECT FROM customer WHERE org_id = ${tx.orgId}`),
    );
    expect(others).toEqual([]);
    await expect(
      t.worker.withOrg(t.orgB, (tx) => putCustomerFacts(tx, source, [factsOf("cus_1")])),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("that are the same again touch nobody and no row; others touch only whose they are", async () => {
    const one = factsOf("cus_1", {
      versions: [versionFact(), versionFact({ key: "si_2", mrr: 20 })],
      usage: [{ evidence: "invoice_line:il_1", at: "2026-01-31T00:00:00Z", amount: "3.5", currency: "USD" }],
      warnings: ["a", "b"],
    });
    const two = factsOf("cus_2", { versions: [versionFact({ key: "si_3", subscriptionId: "sub_3" })] });
    expect(await put(one, two)).toHaveLength(2);
    const before = await versions();
    expect(await put(one, two)).toEqual([]);
    expect(await versions()).toEqual(before);
    const changed = factsOf("cus_1", {
      ...one.facts,
      versions: [versionFact(), versionFact({ key: "si_2", mrr: 30 })],
    });
    expect(await put(changed, two)).toHaveLength(1);
    const after = await versions();
    expect(after[0]).toEqual(before[0]);
    expect(after[1]).toMatchObject({ sub_key: "si_2", annual: "360" });
    expect(after[2]).toEqual(before[2]);
    const bigger = { ...one.facts.usage[0]!, amount: "4" };
    expect(await put(factsOf("cus_1", { ...changed.facts, usage: [bigger] }))).toHaveLength(1);
    const usage = await inA((tx) =>
      tx.rows(
        sql`SELECT trim_scale(amount)::text AS amount, evidence, day::text FROM transaction WHERE org_id = ${tx.orgId}`,
      ),
    );
    expect(usage).toEqual([{ amount: "4", evidence: "invoice_line:il_1", day: "2026-01-30" }]);
    expect(await put(factsOf("cus_1", { customer: { name: "Another" } }), two)).toHaveLength(1);
    expect(await versions()).toEqual([before[2]]);
  });

  test("know of all versions past due how that ended: paid, lost, or not yet", async () => {
    const late = (
      key: string,
      startedAt: string,
      endedAt: string | null,
      status: "past_due" | "unpaid" | "active",
    ) =>
      versionFact({
        ...{ key, subscriptionId: key, startedAt, endedAt, status },
        pastDueSince: status === "active" ? null : "2026-02-05T12:00:00Z",
      });
    await put(
      factsOf("cus_1", {
        versions: [
          // its quantity changes meanwhile
          late("paid", "2026-02-05T12:00:00Z", "2026-02-10T12:00:00Z", "past_due"),
          late("paid", "2026-02-10T12:00:00Z", "2026-02-20T12:00:00Z", "past_due"),
          late("paid", "2026-02-20T12:00:00Z", null, "active"),
          late("unpaid", "2026-02-05T12:00:00Z", "2026-02-20T12:00:00Z", "past_due"),
          late("unpaid", "2026-02-20T12:00:00Z", "2026-03-20T12:00:00Z", "unpaid"),
          late("unpaid", "2026-03-20T12:00:00Z", null, "active"),
          late("ended", "2026-02-05T12:00:00Z", "2026-02-20T12:00:00Z", "past_due"),
          late("open", "2026-02-05T12:00:00Z", null, "past_due"),
        ],
      }),
    );
    const rows = await inA((tx) =>
      tx.rows(sql`SELECT DISTINCT sub_key AS key, past_due_paid_day::text AS paid, past_due_lost_day::text AS lost
        FROM subscription_version WHERE org_id = ${tx.orgId} AND status = 'past_due' ORDER BY 1`),
    );
    expect(rows).toEqual([
      { key: "ended", paid: null, lost: "2026-02-20" },
      { key: "open", paid: null, lost: null },
      { key: "paid", paid: "2026-02-20", lost: null },
      { key: "unpaid", paid: "2026-03-20", lost: "2026-02-20" },
    ]);
  });

  test("go with their source, and customers of whom nothing else is known with them", async () => {
    await inA((tx) => writeFacts(tx, { states: [upload("cus_2", "sub_9")] }));
    await put(
      factsOf("cus_1", { versions: [versionFact()], warnings: ["a"] }),
      factsOf("cus_2", { versions: [versionFact({ key: "si_2", subscriptionId: "sub_2" })] }),
    );
    expect(await inA((tx) => removeSourceFacts(tx, source))).toHaveLength(2);
    expect(await versions()).toEqual([expect.objectContaining({ customer: "cus_2", source: "upload" })]);
    expect((await people()).map((one) => one.external_id)).toEqual(["cus_2"]);
    const left = await inA((tx) => tx.rows(sql`SELECT FROM source_warning WHERE org_id = ${tx.orgId}`));
    expect(left).toEqual([]);
  });

  test("make numbers: MRR, and churn where the last version ends", async () => {
    const touched = await put(
      factsOf("cus_1", { versions: [versionFact({ endedAt: "2026-03-05T12:00:00Z" })] }),
      factsOf("cus_2", { versions: [versionFact({ key: "si_2", subscriptionId: "sub_2", mrr: 5 })] }),
    );
    const { movements } = await inA(async (tx) => {
      await refreshCustomers(tx, {
        touched: sql`(SELECT unnest(${`{${touched.join(",")}}`}::bigint[]) AS customer_id)`,
        cause: "sync",
      });
      return readLedger(tx);
    });
    expect(
      movements.map(({ customerId, day, kind, annual }) => `${customerId} ${day} ${kind} ${annual}`),
    ).toEqual(["cus_1 2026-01-05 new 120", "cus_1 2026-03-05 churn -120", "cus_2 2026-01-05 new 60"]);
  });

  test("of a merged customer belong to whom it counts as, and come back when it is split", async () => {
    const facts = factsOf("cus_1", { versions: [versionFact()] });
    await put(facts, factsOf("cus_2"));
    await t.app.withOrg(t.orgA, (tx) =>
      mergeCustomers(tx, { customer: "cus_1", into: "cus_2", actorId: null }),
    );
    expect(await put(facts)).toEqual([]);
    await put(factsOf("cus_1", { versions: [versionFact({ mrr: 30 })] }));
    expect(await versions()).toEqual([expect.objectContaining({ customer: "cus_2", annual: "360" })]);
    await t.app.withOrg(t.orgA, (tx) => splitCustomer(tx, { customer: "cus_1", actorId: null }));
    expect(await versions()).toEqual([expect.objectContaining({ customer: "cus_1", annual: "360" })]);
  });
});

const upload = (customerId: string, subscriptionId: string) => ({
  ...{ customerId, subscriptionId, plan: null, currency: "USD", interval: "month", source: "upload" },
  ...{ fromDay: "2026-01-05", toDay: null, annual: "120" },
});

describe("uploads beside a source", () => {
  /** Versions that an upload gave. @returns its id */
  async function uploaded(...given: [customer: string, subscription: string][]): Promise<string> {
    const id = newId();
    await inA(async (tx) => {
      await tx.rows(sql`INSERT INTO upload (org_id, id, file_name, kind, status)
        VALUES (${tx.orgId}, ${id}, 'a.csv', 'subscriptions', 'done')`);
      await writeFacts(tx, {
        states: given.map(([customer, subscription]) => upload(customer, subscription)),
      });
      await tx.rows(sql`UPDATE subscription_version SET upload_id = ${id} WHERE org_id = ${tx.orgId} AND upload_id IS NULL
        AND source = 'upload'`);
      await tx.rows(sql`INSERT INTO customer_fact (org_id, customer_id, upload_id, line, name)
        SELECT org_id, id, ${id}, 2, 'Uploaded' FROM customer WHERE org_id = ${tx.orgId}`);
    });
    return id;
  }
  const inForce = async () =>
    (await versions())
      .filter(({ superseded_by }) => superseded_by === null)
      .map((one) => `${one.customer} ${one.source}`);

  test("give way for subscriptions that the source knows, and count again when it knows them no more", async () => {
    await uploaded(["cus_1", "sub_1"], ["cus_1", "other"]);
    expect(await put(factsOf("cus_1", { versions: [versionFact()] }))).toHaveLength(1);
    expect(await inForce()).toEqual(["cus_1 upload", "cus_1 stripe"]);
    await put(factsOf("cus_1"));
    expect(await inForce()).toEqual(["cus_1 upload", "cus_1 upload"]);
    await put(factsOf("cus_1", { versions: [versionFact()] }));
    expect(await inA((tx) => removeSourceFacts(tx, source))).toHaveLength(1);
    expect(await inForce()).toEqual(["cus_1 upload", "cus_1 upload"]);
  });

  test("that are undone leave what the source says", async () => {
    const id = await uploaded(["cus_1", "sub_1"], ["cus_1", "other"]);
    await put(factsOf("cus_1", { versions: [versionFact()] }));
    await inA(async (tx) => {
      await removeFacts(tx, { id, kind: "subscriptions" });
      await putAsideUploads(tx, sql`stage_touched`, "stage_touched");
    });
    expect(await inForce()).toEqual(["cus_1 stripe"]);
    expect(await people()).toEqual([expect.objectContaining({ name: "Name of cus_1" })]);
  });

  test("say more of a customer: the newest word wins, and a source counts from its connection", async () => {
    await uploaded(["cus_1", "other"]);
    await put(factsOf("cus_1", { customer: { name: "From Stripe", country: "FR" } }));
    expect(await people()).toEqual([expect.objectContaining({ name: "Uploaded", country: "FR" })]);
  });
});
