import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerDetail, movementsOutput } from "#contracts/analytics.ts";
import { explainOutput } from "#contracts/explain.ts";
import { restatementEventsOutput } from "#contracts/restatements.ts";
import { sourceObjectOutput } from "#contracts/source-objects.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { putCustomerFacts } from "#db/queries/source-facts.ts";
import { factsOf, versionFact, writeSource } from "#db/queries/testing-sources.ts";
import { startTestRest } from "../testing-rest.ts";

const { t, call, viewer, theirs, close } = await startTestRest();

let source: string;

const since = "2026-01-05T12:00:00Z";
const facts = (mrr: number) =>
  factsOf("cus_1", {
    customer: { signedUpAt: since },
    versions: [
      versionFact({
        ...{
          mrr,
          startedAt: since,
          endedAt: "2026-04-01T12:00:00Z",
          trialEnd: since,
          confidence: "inferred",
        },
        ...{ evidence: ["invoice:in_1", "subscription:sub_1"], note: "1 × $10.00, − 20 % (WELCOME, once)" },
      }),
      versionFact({ startedAt: "2025-12-20T12:00:00Z", endedAt: since, trialEnd: since, status: "trialing" }),
      // a second item of the same trial
      versionFact({
        key: "si_2",
        startedAt: "2025-12-20T12:00:00Z",
        endedAt: since,
        trialEnd: since,
        status: "trialing",
      }),
    ],
    usage: [{ evidence: "invoice_line:il_1", at: "2026-02-28T00:00:00Z", amount: "3.5", currency: "USD" }],
  });

async function sync(mrr: number): Promise<void> {
  await t.worker.withOrg(t.orgA, async (tx) => {
    const touched = await putCustomerFacts(tx, source, [facts(mrr)]);
    await refreshCustomers(tx, {
      touched: sql`(SELECT unnest(${`{${touched.join(",")}}`}::bigint[]) AS customer_id)`,
      ...{ cause: "sync", sourceId: source },
    });
  });
}

beforeAll(async () => {
  source = await t.worker.withOrg(t.orgA, (tx) => writeSource(tx, "Our Stripe"));
  await sync(20);
  await sync(10);
  const keep = (stream: string, id: string, body: object, deleted = false) =>
    t.worker.withOrg(t.orgA, (tx) =>
      tx.rows(sql`INSERT INTO source_object (org_id, source_id, stream, id, customer_id, body, deleted, at, api_version)
        VALUES (${tx.orgId}, ${source}, ${stream}, ${id}, 'cus_1', ${JSON.stringify(body)}, ${deleted}, 1767614400000, 'x')`),
    );
  await keep("invoices", "in_1", {
    ...{ id: "in_1", hosted_invoice_url: "https://invoice.stripe.com/i/x", total: 1000 },
    confirmation_secret: { client_secret: "pi_1_secret_2" },
    lines: { data: [{ id: "il_1", amount: 350 }] },
  });
  await keep("customers", "cus_1", { id: "cus_1" }, true);
});
afterAll(close);

const get = (path: string, token = viewer) => call("GET", path, undefined, token);

describe("a number that a source made", () => {
  test("is explained by the object that it was read from, how it is known and how its amount came about", async () => {
    const answer = explainOutput.parse((await get("/explain?metric=new_mrr&period=2026-01")).body);
    expect(answer.value).toBe("10");
    const row = answer.rows.find(({ role }) => role === "begins");
    expect(row).toMatchObject({
      source: { kind: "stripe", upload_id: null, source_id: source, name: "Our Stripe" },
      ...{ line: null, role: "begins", confidence: "inferred" },
      // the policy in force leaves single discounts out
      note: "1 × $10.00, − 20 % (WELCOME, once: not counted)",
      object: { type: "invoice", id: "in_1", source_id: source },
    });
  });

  test("leads to the object as a movement, on its customer's page, for usage and for a trial as well", async () => {
    const { items } = movementsOutput.parse((await get("/movements")).body);
    expect(items[0]?.source).toMatchObject({
      ...{ kind: "stripe", upload_id: null, line: null, confidence: "inferred" },
      object: { type: "invoice", id: "in_1", source_id: source },
    });
    const customer = customerDetail.parse((await get("/customers/cus_1")).body);
    expect(customer.subscriptions.map((one) => [one.status, one.source.object?.id])).toEqual([
      ["trialing", "sub_1"],
      ["trialing", "sub_1"],
      ["active", "in_1"],
    ]);
    expect(customer.told_by).toEqual([
      {
        ...{ source_id: source, kind: "stripe", name: "Our Stripe", deleted: true },
        url: "https://dashboard.stripe.com/customers/cus_1",
      },
    ]);
    const usage = explainOutput.parse((await get("/explain?metric=usage_revenue&period=2026-02")).body);
    expect(usage.value).toBe("3.5");
    expect(usage.rows[0]).toMatchObject({
      source: { kind: "stripe", source_id: source, name: "Our Stripe" },
      object: { type: "invoice_line", id: "il_1" },
    });
    const trials = explainOutput.parse((await get("/explain?metric=trial_conversion&period=2025-12")).body);
    expect([trials.value, trials.total.rows]).toEqual([1, 1]);
  });

  test("is a part of the composition by source, and can be asked for by it", async () => {
    const { body } = await get("/composition?by=source&at=2026-02-10");
    expect(body.parts).toMatchObject([{ key: "stripe", mrr: "10" }]);
    const mrr = async (kind: string) =>
      (await get(`/metrics?names=mrr&grain=month&from=2026-02&to=2026-02&filter.source=${kind}`)).body.metrics
        .mrr[0].value;
    expect([await mrr("stripe"), await mrr("upload")]).toEqual(["10", "0"]);
  });

  test("that moved a closed month is in the log, under its source", async () => {
    const { items } = restatementEventsOutput.parse(
      (await get(`/restatements/events?source_id=${source}`)).body,
    );
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      cause: "sync",
      reason: "“Our Stripe” told of something new about the past",
      source: { id: source, name: "Our Stripe", exists: true },
    });
    expect((await get(`/restatements?source_id=${crypto.randomUUID()}`)).body.items).toEqual([]);
  });
});

describe("GET /sources/{id}/objects/{type}/{object_id}", () => {
  test("shows what the vendor gave, less what would let a reader in, and what was read from it", async () => {
    const object = sourceObjectOutput.parse((await get(`/sources/${source}/objects/invoice/in_1`)).body);
    expect(object).toMatchObject({
      ...{
        type: "invoice",
        id: "in_1",
        customer_id: "cus_1",
        deleted: false,
        at: "2026-01-05T12:00:00.000Z",
      },
      url: "https://dashboard.stripe.com/invoices/in_1",
      source: { id: source, kind: "stripe", name: "Our Stripe" },
      body: { id: "in_1", hosted_invoice_url: "…", total: 1000, confirmation_secret: "…" },
      facts: [{ customer_id: "cus_1", from: "2026-01-05", to: "2026-04-01", confidence: "inferred" }],
    });
    const line = sourceObjectOutput.parse((await get(`/sources/${source}/objects/invoice_line/il_1`)).body);
    expect([line.body, line.url]).toEqual([{ id: "il_1", amount: 350 }, null]);
    const gone = sourceObjectOutput.parse((await get(`/sources/${source}/objects/customer/cus_1`)).body);
    expect(gone.deleted).toBe(true);
  });

  test("is not for another organisation, and knows nothing of what it was not given", async () => {
    expect((await get(`/sources/${source}/objects/invoice/in_1`, theirs)).status).toBe(404);
    for (const path of [
      "invoice/in_2",
      "nothing/in_1",
      "event/evt_1",
      "invoice_line/il_2",
      "constructor/in_1",
    ])
      expect((await get(`/sources/${source}/objects/${path}`)).status, path).toBe(404);
  });
});
