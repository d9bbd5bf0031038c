import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PolicyDiff } from "#contracts/policy.ts";
import { sql } from "#db/database.ts";
import { rebuildMetrics } from "#db/queries/rebuild.ts";
import { writeFacts } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { policyPresets } from "#metrics/policy.ts";
import { startTestServer, type TestServer, testToken } from "../testing.ts";

let t: TestDatabase;
let web: TestServer;
let mine: string;
let theirs: string;
beforeAll(async () => {
  t = await createTestDatabase();
  web = await startTestServer(t);
  for (const [orgId, factor] of [
    [t.orgA, 1],
    [t.orgB, 1000],
  ] as const)
    await load(orgId, factor);
  mine = await testToken(t, t.orgA, "admin");
  theirs = await testToken(t, t.orgB, "viewer");
});
afterAll(async () => {
  await web.close();
  await t.close();
});

/** Four steady customers; in June 2025 one leaves, one pauses, one comes back and one comes and goes. */
async function load(orgId: string, factor: number): Promise<void> {
  const usd = { currency: "USD", interval: "month", source: "upload", plan: "Gold" };
  const pays = (customerId: string, fromDay: string, toDay: string | null, monthly = 100) => ({
    ...usd,
    ...{ customerId, subscriptionId: `${customerId} ${fromDay}`, fromDay, toDay },
    annual: String(monthly * 12 * factor),
  });
  await t.worker.withOrg(orgId, async (tx) => {
    await writeFacts(tx, {
      states: [
        ...["a", "b", "c", "d"].map((id) => pays(id, "2025-01-01", null)),
        pays("leaves", "2025-01-01", "2025-06-10"),
        pays("pauses", "2025-01-01", "2025-06-15"),
        { ...pays("pauses", "2025-06-15", null), status: "paused" as const },
        pays("back", "2025-01-01", "2025-03-01"),
        pays("back", "2025-06-20", null),
        pays("flash", "2025-06-02", "2025-06-20"),
      ],
      activities: [{ customerId: "a", day: "2025-05-05", amount: String(90 * factor), currency: "USD" }],
    });
    await rebuildMetrics(tx, { cause: "upload", actorId: null });
  });
}

async function call(path: string, token = mine, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${web.url}/api/v1${path}`, { ...init, headers });
  return { status: answer.status, body: await answer.json() };
}
const diff = async (query: string, token = mine): Promise<PolicyDiff> => {
  const { status, body } = await call(`/policy/diff?${query}`, token);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
const june = "period=2025-06";
const last = (answer: PolicyDiff, metric: string) => answer.metrics[metric]?.at(-1);

describe("the difference between two policies", () => {
  test("names the rules that differ, and whether the vendor's documentation settles them", async () => {
    const { rules } = await diff(`a=jarvis&b=baremetrics&${june}`);
    expect(rules).toEqual([
      { key: "discounts", a: "recurring", b: "all", a_unsettled: false, b_unsettled: false },
      { key: "new_and_churn", a: "exclude", b: "both", a_unsettled: false, b_unsettled: false },
      { key: "net_churn_reactivation", a: true, b: false, a_unsettled: false, b_unsettled: false },
    ]);
    const gap = (await diff(`a=chartmogul&b=baremetrics&${june}`)).rules.find(({ key }) => key === "paused");
    expect(gap).toEqual({ key: "paused", a: "counts", b: "zero", a_unsettled: false, b_unsettled: true });
  });

  test("is told on the organisation's own numbers: exact money, rates as numbers, b − a", async () => {
    const answer = await diff(`a=jarvis&b=chartmogul&${june}`);
    expect(answer).toMatchObject({ currency: "USD", period: "2025-06", recompute: "at_once" });
    expect(last(answer, "mrr")).toEqual({
      period: "2025-06",
      complete: true,
      a: { value: "500", reason: null },
      b: { value: "600", reason: null },
      change: "100",
    });
    expect(last(answer, "customer_churn_rate")).toMatchObject({
      a: { value: 2 / 6 },
      b: { value: 1 / 6 },
      change: -0.166666666667,
    });
    expect(last(answer, "nrr")).toMatchObject({
      a: { value: null, reason: "no_customers_12_months_ago" },
      change: null,
    });
    expect(answer.metrics.mrr).toHaveLength(13);
    expect(answer.metrics.mrr?.[0]?.period).toBe("2024-06");
    expect(answer.metrics.mrr?.at(-2)).toMatchObject({
      a: { value: "600" },
      b: { value: "600" },
      change: "0",
    });
  });

  test("of formulas alone reads what is stored, and says that nothing is recomputed", async () => {
    const answer = await diff(`a=current&b=stripe&${june}`);
    expect(answer.recompute).toBe("none");
    // of six at the start two are gone; Stripe counts the flash as well, and divides by those who joined too
    expect(last(answer, "customer_churn_rate")).toMatchObject({ a: { value: 2 / 6 }, b: { value: 3 / 7 } });
    expect(last(answer, "mrr")?.change).toBe("0");
  });

  test("shows usage where a policy adds it", async () => {
    const answer = await diff(`a=jarvis&b=profitwell&${june}`);
    expect(last(answer, "mrr")?.change).toBe("30");
    expect(last(answer, "arr")?.change).toBe("360");
    expect(last(answer, "new_customers")?.change).toBe(-1);
  });

  test("of what one is about to save lays a patch over a policy", async () => {
    const patch = encodeURIComponent(JSON.stringify({ paused: "counts" }));
    const answer = await diff(`a=current&b=current&patch=${patch}&${june}`);
    expect(answer.rules.map(({ key, b }) => `${key} ${b}`)).toEqual(["paused counts"]);
    expect(last(answer, "mrr")?.change).toBe("100");
    const other = await diff(`a=chartmogul&b=chartmogul&patch={"paused":"zero"}&${june}`);
    expect(last(other, "mrr")?.change).toBe("-100");
  });

  test("is that between the last complete month's numbers where no month is named", async () => {
    const answer = await diff("a=jarvis&b=stripe");
    expect(answer.period < answer.as_of.slice(0, 7)).toBe(true);
    expect(last(answer, "mrr")?.complete).toBe(true);
  });

  test("of any two presets holds what each would say if it were in force", async () => {
    const org = await createTestOrganisation(t.app, "Switches");
    await load(org, 1);
    const token = await testToken(t, org, "owner");
    for (const b of policyPresets) {
      const promised = await diff(`a=current&b=${b}&${june}`, token);
      const patch = { preset: b };
      expect(
        (await call("/org", token, { method: "PATCH", body: JSON.stringify({ policy: patch }) })).status,
      ).toBe(200);
      const names = Object.keys(promised.metrics);
      const { body } = await call(`/metrics?names=${names}&from=2024-06&to=2025-06`, token);
      for (const name of names)
        expect(
          promised.metrics[name]?.map((point) => point.b.value),
          `${name} under ${b}`,
        ).toEqual(body.metrics[name].map(({ value }: { value: unknown }) => value));
    }
  });

  test("changes nothing, and is of one organisation", async () => {
    const before = await call("/org");
    await diff(`a=profitwell&b=chartmogul&${june}`);
    expect(await call("/org")).toEqual(before);
    expect(last(await diff(`a=jarvis&b=chartmogul&${june}`, theirs), "mrr")?.change).toBe("100000");
  });

  test.each([
    ["a=jarvis", "b"],
    ["a=jarvis&b=recurly", "b"],
    ["a=jarvis&b=stripe&period=2025-13", "period"],
    ["a=jarvis&b=stripe&patch={", "patch"],
    ['a=jarvis&b=stripe&patch={"discounts":"some"}', "patch.discounts"],
    ['a=jarvis&b=stripe&patch={"preset":"stripe","org_id":"x"}', "patch"],
    ["a=jarvis&b=stripe&patch=[]", "patch"],
  ])("%s is a 400 that names %s", async (query, path) => {
    const { status, body } = await call(`/policy/diff?${query}`);
    expect(status).toBe(400);
    expect(body.error.details.issues.map((issue: { path: string }) => issue.path)).toContain(path);
  });

  test.each(["0001-01", "9999-12", "2031-01"])("of the month %s is an answer or a 400", async (period) => {
    expect([200, 400]).toContain((await call(`/policy/diff?a=jarvis&b=chartmogul&period=${period}`)).status);
  });
});

describe("a switch", () => {
  test("that puts usage into MRR writes down which closed months it moved, and back again", async () => {
    const org = await createTestOrganisation(t.app, "Usage");
    await load(org, 1);
    const token = await testToken(t, org, "owner");
    const change = (policy: object) =>
      call("/org", token, { method: "PATCH", body: JSON.stringify({ policy }) });
    const log = async () =>
      (await call("/restatements", token)).body.items.map(
        (one: { cause: string; month: string; before_mrr: string; change: string }) =>
          `${one.cause} ${one.month} ${one.before_mrr} ${one.change}`,
      );
    await change({ preset: "profitwell" });
    const there = ["05 600 30", "06 500 30", "07 500 30"].map((one) => `policy version 2 2025-${one}`);
    expect(await log()).toEqual(there);
    await change({ churn_denominator: "start_plus_new" });
    await change({ preset: "jarvis" });
    const back = ["05 630 -30", "06 530 -30", "07 530 -30"].map((one) => `policy version 4 2025-${one}`);
    expect(await log()).toEqual([...back, ...there]);
  });
});

describe("the versions of a policy", () => {
  test("begin with the one that the organisation was made with, and name who changed what", async () => {
    const org = await createTestOrganisation(t.app, "History");
    const token = await testToken(t, org, "admin");
    const versions = async (query = "") => (await call(`/policy/versions${query}`, token)).body;
    expect((await versions()).items).toMatchObject([{ version: 1, preset: "jarvis", actor: null }]);
    const change = (policy: object) =>
      call("/org", token, { method: "PATCH", body: JSON.stringify({ policy }) });
    await change({ preset: "stripe" });
    await change({ preset: "stripe", churn_denominator: "start" });
    // the same again is no version
    await change({ preset: "stripe", churn_denominator: "start" });
    const { items, next } = await versions();
    expect(next).toBeNull();
    expect(
      items.map((one: { version: number; actor: string | null; policy: { churn_denominator: string } }) => [
        one.version,
        one.policy.churn_denominator,
        one.actor !== null,
      ]),
    ).toEqual([
      [3, "start", true],
      [2, "start_plus_new", true],
      [1, "start", false],
    ]);
    const first = await versions("?limit=2");
    expect((await versions(`?limit=2&cursor=${first.next}`)).items).toMatchObject([{ version: 1 }]);
    expect((await call("/policy/versions", theirs)).body.items).toHaveLength(1);
  });

  test("are written with the change or not at all", async () => {
    const org = await createTestOrganisation(t.app, "Refused");
    const token = await testToken(t, org, "viewer");
    const refused = await call("/org", token, {
      method: "PATCH",
      body: JSON.stringify({ policy: { preset: "stripe" } }),
    });
    expect(refused.status).toBe(403);
    const rows = await t.app.withOrg(org, (tx) =>
      tx.rows(sql`SELECT version FROM policy_version WHERE org_id = ${tx.orgId}`),
    );
    expect(rows).toEqual([]);
  });
});
