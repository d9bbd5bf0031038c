import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql } from "#db/database.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { writeFacts } from "#db/queries/testing-ledger.ts";
import { startTestRest } from "../testing-rest.ts";

const { t, call, viewer, theirs, close } = await startTestRest();

beforeAll(async () => {
  const usd = { currency: "USD", interval: "month", source: "upload", toDay: null, fromDay: "2025-01-10" };
  for (const orgId of [t.orgA, t.orgB])
    await t.worker.withOrg(orgId, async (tx) => {
      await writeFacts(tx, {
        states: [
          { ...usd, customerId: "a", subscriptionId: "a1", plan: "Gold", annual: "2400" },
          { ...usd, customerId: "a", subscriptionId: "a2", plan: "Silver", annual: "120" },
          { ...usd, customerId: "b", subscriptionId: "b1", plan: "Silver", annual: "1200" },
        ],
        customers: [
          { customerId: "a", country: "DE" },
          { customerId: "b", country: "US" },
        ],
      });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
});
afterAll(close);
beforeEach(async () => {
  for (const orgId of [t.orgA, t.orgB])
    await t.app.withOrg(orgId, (tx) => tx.rows(sql`DELETE FROM segment WHERE org_id = ${tx.orgId}`));
});

const gold = { key: "plan", op: "is", values: ["Gold"] };
const german = { key: "country", op: "is", values: ["DE"] };
const mrrOf = async (query: string) => {
  const { status, body } = await call("GET", `/metrics?names=mrr,customers&from=2025-02&to=2025-02&${query}`);
  if (status !== 200) return body.error.code;
  return `${body.metrics.mrr[0].value} of ${body.metrics.customers[0].value}`;
};
const create = async (body: object) => (await call("POST", "/segments", body)).body.id as string;

describe("segments over REST", () => {
  test("are made, listed, read, changed and deleted", async () => {
    const made = await call("POST", "/segments", { name: "Gold", expression: gold });
    expect(made).toMatchObject({ status: 201, body: { name: "Gold", color: null, expression: gold } });
    const { id } = made.body;
    expect((await call("GET", "/segments")).body).toMatchObject({ items: [{ id }], next: null });
    const change = { color: "teal", expression: { any: [gold, german] } };
    expect(await call("PATCH", `/segments/${id}`, change)).toMatchObject({
      status: 200,
      body: { name: "Gold", ...change },
    });
    expect((await call("GET", `/segments/${id}`, undefined, viewer)).body).toMatchObject(change);
    expect((await call("DELETE", `/segments/${id}`)).status).toBe(200);
    expect((await call("GET", `/segments/${id}`)).status).toBe(404);
    const audit = await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(
        sql`SELECT action, target FROM audit_log WHERE org_id = ${tx.orgId} AND action LIKE 'segment.%' ORDER BY id`,
      ),
    );
    expect(audit).toEqual(
      ["created", "updated", "deleted"].map((verb) => ({ action: `segment.${verb}`, target: "Gold" })),
    );
  });

  test("are another organisation's own", async () => {
    const id = await create({ name: "Gold", expression: gold });
    expect((await call("GET", "/segments", undefined, theirs)).body.items).toEqual([]);
    for (const method of ["GET", "DELETE"])
      expect((await call(method, `/segments/${id}`, undefined, theirs)).status).toBe(404);
    expect((await call("GET", `/metrics?filter.segment=${id}`, undefined, theirs)).body.error.code).toBe(
      "unknown_segment",
    );
    expect((await call("POST", "/segments", { name: "Gold", expression: gold }, theirs)).status).toBe(201);
  });

  test("are read by everybody and changed by editors", async () => {
    const id = await create({ name: "Gold", expression: gold });
    expect((await call("GET", "/segments", undefined, viewer)).status).toBe(200);
    expect((await call("POST", "/segments", { name: "X", expression: gold }, viewer)).status).toBe(403);
    expect((await call("PATCH", `/segments/${id}`, { name: "X" }, viewer)).status).toBe(403);
    expect((await call("DELETE", `/segments/${id}`, undefined, viewer)).status).toBe(403);
  });

  test("have names of their own, whatever their case", async () => {
    await create({ name: "Gold", expression: gold });
    const other = await create({ name: "Other", expression: gold });
    for (const answer of [
      await call("POST", "/segments", { name: "gOLD", expression: german }),
      await call("PATCH", `/segments/${other}`, { name: "GOLD" }),
    ])
      expect(answer).toMatchObject({ status: 409, body: { error: { code: "segment_name_taken" } } });
    expect((await call("PATCH", `/segments/${other}`, { name: "OTHER" })).status).toBe(200);
  });

  test("are refused where an expression is too deep, too long, or says nothing", async () => {
    const deep = (levels: number): object => (levels === 0 ? gold : { all: [deep(levels - 1)] });
    const bad = [
      {},
      { all: [] },
      { all: [gold], any: [gold] },
      deep(5),
      { any: Array.from({ length: 51 }, () => gold) },
      {
        all: [
          { any: Array.from({ length: 30 }, () => gold) },
          { any: Array.from({ length: 30 }, () => gold) },
        ],
      },
      { ...gold, op: "at_least" },
      { ...gold, key: "name" },
      { ...gold, key: "segment" },
      { ...gold, values: [] },
      { ...gold, extra: true },
      { key: "size", op: "is", values: ["7-9"] },
      { key: "size", op: "at_least", values: ["1", "2"] },
      { key: "size", op: "at_least", values: ["-1"] },
      { key: "tenure", op: "at_most", values: ["1.5"] },
    ];
    for (const expression of bad)
      expect(
        (await call("POST", "/segments", { name: "S", expression })).status,
        JSON.stringify(expression),
      ).toBe(400);
    const hostile = JSON.parse(`${'{"all":['.repeat(1_000)}${JSON.stringify(gold)}${"]}".repeat(1_000)}`);
    expect((await call("POST", "/segments", { name: "S", expression: hostile })).status).toBe(400);
    expect((await call("POST", "/segments", { name: " ", expression: gold })).status).toBe(400);
    expect((await call("POST", "/segments", { name: "S", expression: deep(4) })).status).toBe(201);
  });
});

describe("a segment as a filter", () => {
  test("keeps what matches: amounts where it asks of subscriptions, customers where it asks of those", async () => {
    const byPlan = await create({ name: "Gold", expression: gold });
    const byCountry = await create({ name: "German", expression: german });
    const either = await create({
      name: "Either",
      expression: { any: [gold, { ...german, values: ["US"] }] },
    });
    expect(await mrrOf("")).toBe("310 of 2");
    expect(await mrrOf(`filter.segment=${byPlan}`)).toBe("200 of 1");
    expect(await mrrOf(`filter.segment=${byCountry}`)).toBe("210 of 1");
    expect(await mrrOf(`filter.segment=${either}`)).toBe("300 of 2");
    expect(await mrrOf(`filter.segment=${either}&filter.plan=Silver`)).toBe("100 of 1");
    expect(await mrrOf(`filter.segment=${byPlan}&filter.segment=${byCountry}`)).toBe("210 of 1");
    expect(await mrrOf("filter.size=100-250")).toBe("310 of 2");
    expect(await mrrOf("filter.tenure=0-3")).toBe("0 of 0");
  });

  test("answers anew as soon as the segment says something else, and no more once it is gone", async () => {
    const id = await create({ name: "Gold", expression: gold });
    expect(await mrrOf(`filter.segment=${id}`)).toBe("200 of 1");
    await call("PATCH", `/segments/${id}`, { expression: { ...gold, values: ["Silver"] } });
    expect(await mrrOf(`filter.segment=${id}`)).toBe("110 of 2");
    await call("DELETE", `/segments/${id}`);
    expect(await mrrOf(`filter.segment=${id}`)).toBe("unknown_segment");
  });

  test("works for every number", async () => {
    const id = await create({ name: "German", expression: german });
    for (const path of ["metrics", "movements", "cohorts", "composition", "customers"])
      expect((await call("GET", `/${path}?filter.segment=${id}`)).status, path).toBe(200);
    for (const asked of [
      "metric=mrr&period=2025-02",
      "metric=nrr&period=2026-02",
      "metric=cohort&cohort=2025-01&k=1",
      "metric=composition&by=plan&key=Gold",
    ])
      expect(await call("GET", `/explain?${asked}&filter.segment=${id}`), asked).toMatchObject({
        status: 200,
      });
    expect((await call("GET", `/explain?metric=mrr&period=2025-02&filter.segment=${id}`)).body.value).toBe(
      "210",
    );
    const { body } = await call("GET", `/customers?filter.segment=${id}`);
    expect(body.items.map(({ customer_id }: { customer_id: string }) => customer_id)).toEqual(["a"]);
    expect((await call("GET", "/customers?filter.segment=nonsense")).status).toBe(400);
    expect((await call("GET", "/customers?filter.expression=%7B%7D")).status).toBe(400);
  });
});

describe("a preview", () => {
  test("says who matches today, what they pay, and how much of everything that is", async () => {
    const preview = async (expression: object) =>
      (await call("POST", "/segments/preview", { expression }, viewer)).body;
    expect(await preview(german)).toEqual({
      customers: 1,
      matching: 1,
      mrr: "210",
      share: 210 / 310,
      currency: "USD",
      reason: null,
    });
    expect(await preview({ all: [german, gold] })).toMatchObject({ customers: 1, mrr: "200" });
    expect(await preview({ key: "tenure", op: "is", values: [""] })).toMatchObject({
      customers: 0,
      mrr: "0",
    });
  });
});
