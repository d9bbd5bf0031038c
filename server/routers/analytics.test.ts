import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerDetail, metricNames } from "#contracts/analytics.ts";
import { sql } from "#db/database.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { writeFacts } from "#db/queries/testing-ledger.ts";
import { startTestRest } from "../testing-rest.ts";

const { t, call, viewer, theirs, close } = await startTestRest();

beforeAll(async () => {
  const usd = { currency: "USD", interval: "month", source: "upload", toDay: null };
  for (const [orgId, factor] of [
    [t.orgA, 1],
    [t.orgB, 1000],
  ] as const)
    await t.worker.withOrg(orgId, async (tx) => {
      await writeFacts(tx, {
        states: [
          {
            ...usd,
            customerId: "a b/ü",
            subscriptionId: "s1",
            plan: "Gold",
            fromDay: "2025-01-10",
            annual: `${2000 * factor}`,
          },
          {
            ...usd,
            customerId: "c",
            subscriptionId: "s2",
            plan: "Silver",
            fromDay: "2025-02-10",
            annual: `${120 * factor}`,
          },
        ],
        customers: [
          { customerId: "a b/ü", name: "Ä", country: "DE", attributes: { Segment: "smb" } },
          { customerId: "c", country: "US" },
        ],
      });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
});
afterAll(close);

const get = (path: string, token = viewer) => call("GET", path, undefined, token);

describe("numbers over REST", () => {
  test("are exact strings where they are money, and come with what they depend on", async () => {
    const { body } = await get("/metrics?names=mrr,customers,nrr&from=2025-01&to=2025-02");
    expect(body).toMatchObject({
      currency: "USD",
      timezone: "UTC",
      policy: { preset: "jarvis", version: 1 },
      version: 1,
    });
    expect(body.metrics).toEqual({
      mrr: [
        { period: "2025-01", value: "166.666666666667", complete: true, reason: null },
        { period: "2025-02", value: "176.666666666667", complete: true, reason: null },
      ],
      customers: [
        { period: "2025-01", value: 1, complete: true, reason: null },
        { period: "2025-02", value: 2, complete: true, reason: null },
      ],
      nrr: [
        { period: "2025-01", value: null, complete: true, reason: "no_customers_12_months_ago" },
        { period: "2025-02", value: null, complete: true, reason: "no_customers_12_months_ago" },
      ],
    });
  });

  test("of every metric are there when none is named", async () => {
    const { body } = await get("/metrics");
    expect(Object.keys(body.metrics)).toEqual([...metricNames]);
    expect(body.metrics.mrr).toHaveLength(13);
  });

  test("follow filters: the same key twice is either value, two keys are both", async () => {
    const mrr = async (filter: string) =>
      (await get(`/metrics?names=mrr&from=2025-03&to=2025-03&${filter}`)).body.metrics.mrr[0].value;
    expect(await mrr("filter.plan=Silver")).toBe("10");
    expect(await mrr("filter.plan=Silver&filter.plan=Gold")).toBe("176.666666666667");
    expect(await mrr("filter.plan=Silver&filter.country=DE")).toBe("0");
    expect(await mrr("filter.attr.Segment=smb")).toBe("166.666666666667");
  });

  test.each([
    ["/metrics?names=mmr", "unknown_metric"],
    ["/metrics?names=mrr&from=2025-13", "bad_period"],
    ["/metrics?names=mrr&as_of=2025-02-30", "bad_period"],
    ["/cohorts?basis=first_activity&measure=mrr_net", "activity_has_no_mrr"],
    ["/movements?cursor=nonsense", "bad_cursor"],
    ["/composition?by=shoe", "invalid_input"],
    ["/metrics?names=mrr&filter.shoe=42", "invalid_input"],
  ])("%s is a 400", async (path, code) => {
    expect(await get(path)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  test("of one customer, by the id as uploaded", async () => {
    const { body } = await get(`/customers/${encodeURIComponent("a b/ü")}`);
    expect(customerDetail.parse(body)).toMatchObject({
      name: "Ä",
      mrr: "166.666666666667",
      attributes: { Segment: "smb" },
    });
    expect((await get("/customers/nobody")).status).toBe(404);
  });

  test("of another organisation are its own", async () => {
    const { body } = await get("/composition?by=plan&at=2025-03-01", theirs);
    expect(body.total).toBe("176666.666666666667");
    expect((await get("/customers", theirs)).body.items.map(({ mrr }: { mrr: string }) => mrr)).toEqual([
      "166666.666666666667",
      "10000",
    ]);
  });

  test("are new when the facts are, and not before", async () => {
    const path = "/metrics?names=mrr&from=2025-03&to=2025-03";
    const mrr = async () => (await get(path)).body.metrics.mrr[0].value;
    expect(await mrr()).toBe("176.666666666667");
    await t.worker.withOrg(t.orgA, async (tx) => {
      const state = { currency: "USD", interval: "month", source: "upload", toDay: null, plan: null };
      await writeFacts(tx, {
        states: [{ ...state, customerId: "new", subscriptionId: "n", fromDay: "2025-03-01", annual: "12" }],
      });
    });
    expect(await mrr()).toBe("176.666666666667");
    await t.worker.withOrg(t.orgA, (tx) => refreshCustomers(tx, { touched: "all", cause: "upload" }));
    expect(await mrr()).toBe("177.666666666667");
    await t.worker.withOrg(t.orgA, async (tx) => {
      await tx.rows(
        sql`DELETE FROM subscription_version WHERE org_id = ${tx.orgId} AND subscription_id = 'n'`,
      );
      await refreshCustomers(tx, { touched: "all", cause: "undo" });
    });
    expect(await mrr()).toBe("176.666666666667");
  });

  test("offer what they can be filtered by", async () => {
    const { body } = await get("/filter-options");
    expect(body).toMatchObject({ first_day: "2025-01-10", last_day: "2025-02-10" });
    expect(body.options).toContainEqual({
      key: "plan",
      label: "Plan",
      values: [
        { value: "Gold", customers: 1 },
        { value: "Silver", customers: 1 },
      ],
    });
    expect(body.options).toContainEqual({
      key: "attr.Segment",
      label: "Segment",
      values: [{ value: "smb", customers: 1 }],
    });
  });
});
