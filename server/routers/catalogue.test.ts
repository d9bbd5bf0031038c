import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerDetail } from "#contracts/analytics.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { clearFacts, writeFacts } from "#db/queries/testing-ledger.ts";
import { startTestRest } from "../testing-rest.ts";

const { t, call, editor, viewer, theirs, close } = await startTestRest();

beforeAll(async () => {
  for (const orgId of [t.orgA, t.orgB]) await load(orgId);
});
afterAll(close);

const load = (orgId: string) =>
  t.worker.withOrg(orgId, async (tx) => {
    const usd = { currency: "USD", interval: "month", source: "upload", toDay: null };
    await clearFacts(tx);
    await writeFacts(tx, {
      states: [
        {
          ...usd,
          customerId: "a/1",
          subscriptionId: "s1",
          plan: "Gold",
          fromDay: "2025-01-10",
          annual: "1200",
        },
        {
          ...usd,
          customerId: "b",
          subscriptionId: "s2",
          plan: "Silver",
          fromDay: "2025-02-10",
          annual: "600",
        },
        { ...usd, customerId: "c", subscriptionId: "s3", plan: "Gold", fromDay: "2025-02-10", annual: "240" },
      ],
      customers: [{ customerId: "a/1", name: "Acme" }],
    });
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
  });

const customer = async (id: string) =>
  customerDetail.parse((await call("GET", `/customers/${encodeURIComponent(id)}`)).body);
const metric = async (name: string, token = editor) =>
  (await call("GET", `/metrics?names=${name}&from=2025-03&to=2025-03`, undefined, token)).body.metrics[
    name
  ][0];

describe("merge and split over REST", () => {
  test("make one customer of two, and two again", async () => {
    expect(await call("POST", "/customers/b/merge", { into: "a/1" })).toEqual({
      status: 200,
      body: { customer_id: "b", merged_into: "a/1" },
    });
    expect(await customer("a/1")).toMatchObject({
      mrr: "150",
      first_paid: "2025-01-10",
      merged: [{ customer_id: "b", name: null }],
      merged_into: null,
      subscriptions: [{ merged_from: null }, { plan: "Silver", merged_from: "b" }],
    });
    expect(await customer("b")).toMatchObject({
      mrr: "0",
      merged_into: { customer_id: "a/1", name: "Acme" },
      subscriptions: [],
    });
    expect((await metric("customers")).value).toBe(2);
    expect((await metric("customers", theirs)).value).toBe(3);
    expect((await call("GET", "/customers")).body.total).toBe(2);
    expect(await call("POST", "/customers/a%2F1/merge", { into: "b" })).toMatchObject({
      status: 409,
      body: { error: { code: "same_customer" } },
    });
    expect(await call("POST", "/customers/b/split")).toEqual({
      status: 200,
      body: { split: ["b"], from: "a/1" },
    });
    expect(await customer("b")).toMatchObject({ mrr: "50", merged_into: null });
    expect(await customer("a/1")).toMatchObject({ mrr: "100", merged: [] });
    expect(await call("POST", "/customers/b/split")).toMatchObject({
      status: 409,
      body: { error: { code: "not_merged" } },
    });
  });

  test("are refused to viewers, for unknown customers, and with anything else in the body", async () => {
    expect((await call("POST", "/customers/b/merge", { into: "c" }, viewer)).status).toBe(403);
    expect((await call("POST", "/customers/b/split", undefined, viewer)).status).toBe(403);
    expect((await call("POST", "/customers/nobody/merge", { into: "c" })).status).toBe(404);
    expect((await call("POST", "/customers/b/merge", { into: "nobody" })).status).toBe(404);
    expect((await call("POST", "/customers/b/merge", {})).status).toBe(400);
    expect((await call("POST", "/customers/b/merge", { into: "c", force: true })).status).toBe(400);
  });
});

describe("exclusions over REST", () => {
  test("take customers and plans out of the numbers, list them, and put them back", async () => {
    const made = await call("POST", "/exclusions", { kind: "customer", id: "a/1", reason: "test" });
    expect(made).toMatchObject({
      status: 201,
      body: { kind: "customer", target_id: "a/1", name: "Acme", reason: "test" },
    });
    expect(await customer("a/1")).toMatchObject({ mrr: "0", excluded: { id: made.body.id, reason: "test" } });
    expect((await metric("mrr")).value).toBe("70");
    const plan = await call("POST", "/exclusions", { kind: "plan", id: "Silver", reason: "internal" });
    expect((await metric("mrr")).value).toBe("20");
    expect((await metric("mrr", theirs)).value).toBe("170");
    expect(await customer("b")).toMatchObject({
      excluded: null,
      subscriptions: [{ plan: "Silver", excluded: true }],
    });
    const [restated] = (await call("GET", "/restatements?limit=1")).body.items;
    expect(restated).toMatchObject({
      cause: "exclusion",
      month: "2025-02",
      before_mrr: "70",
      after_mrr: "20",
    });
    const list = (await call("GET", "/exclusions?limit=1")).body;
    expect(list.items).toMatchObject([
      { kind: "plan", target_id: "Silver", customers: 1, by: expect.any(String) },
    ]);
    expect((await call("GET", `/exclusions?cursor=${list.next}`)).body).toMatchObject({
      items: [{ kind: "customer" }],
      next: null,
    });
    expect((await call("GET", "/exclusions", undefined, theirs)).body.items).toEqual([]);
    for (const { id } of [made.body, plan.body])
      expect(await call("DELETE", `/exclusions/${id}`)).toEqual({ status: 200, body: { ok: true } });
    expect((await metric("mrr")).value).toBe("170");
    expect((await call("DELETE", `/exclusions/${made.body.id}`)).status).toBe(404);
  });

  test("want a reason, a kind that there is, and a role that may", async () => {
    const good = { kind: "customer", id: "b", reason: "test" };
    for (const bad of [{ reason: " " }, { kind: "country" }, { id: "" }, { id: undefined }])
      expect((await call("POST", "/exclusions", { ...good, ...bad })).status).toBe(400);
    expect((await call("POST", "/exclusions", good, viewer)).status).toBe(403);
    expect((await call("POST", "/exclusions", { ...good, id: "nobody" })).status).toBe(404);
  });
});

describe("rates, spend and finance inputs over REST", () => {
  test("a rate is added, changed and deleted", async () => {
    const made = await call("POST", "/fx-rates", { date: "2025-01-01", from: "EUR", to: "USD", rate: 1.25 });
    expect(made).toMatchObject({ status: 201, body: { rate: "1.25", upload_id: null } });
    const path = `/fx-rates/${made.body.id}`;
    expect(await call("PATCH", path, { rate: "1.5" })).toMatchObject({ status: 200, body: { rate: "1.5" } });
    expect((await call("GET", "/fx-rates")).body.items).toHaveLength(1);
    expect((await call("PATCH", path, { rate: "1" }, theirs)).status).toBe(404);
    expect((await call("DELETE", path)).status).toBe(200);
    for (const bad of [
      { rate: "0" },
      { rate: "-1" },
      { rate: "1e3" },
      { date: "2025-02-30" },
      { from: "eur" },
    ])
      expect(
        (await call("POST", "/fx-rates", { date: "2025-01-01", from: "EUR", to: "USD", rate: "1", ...bad }))
          .status,
        JSON.stringify(bad),
      ).toBe(400);
  });

  test("spend makes CAC, finance inputs make the rest", async () => {
    const before = await metric("cac");
    expect(before.reason).toBe("no_spend");
    const spend = await call("POST", "/spend", { month: "2025-03", amount: "100.50", category: "ads" });
    expect(spend).toMatchObject({ status: 201, body: { amount: "100.5", currency: "USD", category: "ads" } });
    expect((await metric("cac")).reason).toBe("no_new_customers");
    expect((await call("PATCH", `/spend/${spend.body.id}`, { amount: "7" })).body.amount).toBe("7");
    expect((await call("DELETE", `/spend/${spend.body.id}`)).status).toBe(200);

    expect((await metric("burn_multiple")).reason).toBe("no_finance_inputs");
    const given = { revenue: "1000", profit: "-50", net_burn: 300, gross_margin: "0.8" };
    expect(await call("PUT", "/finance/2025-02", given)).toEqual({
      status: 200,
      body: { month: "2025-02", currency: "USD", ...given, net_burn: "300" },
    });
    const february = await call("GET", "/metrics?names=burn_multiple&from=2025-02&to=2025-02");
    expect(february.body.metrics.burn_multiple[0].value).toBeCloseTo(300 / 840, 12);
    expect((await call("GET", "/finance")).body.items).toHaveLength(1);
    expect((await call("GET", "/finance", undefined, theirs)).body.items).toEqual([]);
    expect((await call("PUT", "/finance/2025-02", given, viewer)).status).toBe(403);
    for (const bad of [{ gross_margin: "80" }, { revenue: "much" }, { color: "red" }])
      expect((await call("PUT", "/finance/2025-02", bad)).status).toBe(400);
    expect((await call("PUT", "/finance/2025-13", given)).status).toBe(400);
    expect((await call("DELETE", "/finance/2025-02")).status).toBe(200);
    expect((await call("DELETE", "/finance/2025-02")).status).toBe(404);
  });
});
