import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainOutput } from "#contracts/explain.ts";
import { newId } from "#db/ids.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { createSegment } from "#db/queries/segments.ts";
import { type Facts, writeFacts } from "#db/queries/testing-ledger.ts";
import { startTestRest } from "../testing-rest.ts";

const { t, call, viewer, theirs, close } = await startTestRest();

const upload = newId();

/** The fixture of metrics.md §4: 10,000 at the start of March; 1,500 new, 500 up, 200 back, 300 down, 700 gone. */
function fixture(): Facts {
  const usd = { currency: "USD", interval: "month", source: "upload", subscriptionId: "s" };
  const held = (customerId: string, mrr: number, fromDay: string, toDay: string | null, plan = "Gold") => ({
    ...{ ...usd, customerId, plan, fromDay, toDay, annual: String(mrr * 12) },
  });
  return {
    states: [
      held("stays", 8000, "2025-01-10", null),
      ...[held("grows", 500, "2025-01-10", "2025-03-05"), held("grows", 1000, "2025-03-05", null)],
      ...[held("shrinks", 800, "2025-01-10", "2025-03-06"), held("shrinks", 500, "2025-03-06", null)],
      held("leaves", 700, "2025-01-11", "2025-03-20", "Silver"),
      ...[held("returns", 200, "2025-01-10", "2025-02-01"), held("returns", 200, "2025-03-08", null)],
      held("joins", 1500, "2025-03-09", null, "=cmd()"),
    ],
    customers: [{ customerId: "leaves", name: "Leaves Ltd", country: "DE" }],
  };
}

beforeAll(async () => {
  for (const orgId of [t.orgA, t.orgB])
    await t.worker.withOrg(orgId, async (tx) => {
      await writeFacts(tx, fixture());
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
  await t.worker.withOrg(t.orgA, async (tx) => {
    await tx.rows(sql`INSERT INTO upload (org_id, id, file_name, kind, status)
      VALUES (${tx.orgId}, ${upload}, 'subscriptions.csv', 'subscriptions', 'done')`);
    await tx.rows(sql`UPDATE subscription_version v SET upload_id = ${upload}, line = 40 + length(c.external_id)
      FROM customer c WHERE v.org_id = ${tx.orgId} AND c.org_id = v.org_id AND c.id = v.customer_id`);
  });
});
afterAll(close);

const get = (path: string, token = viewer) => call("GET", path, undefined, token);
const explain = async (query: string) => explainOutput.parse((await get(`/explain?${query}`)).body);

describe("GET /explain", () => {
  test("says a rate with its numbers, its rules, its movements and the lines that they came from", async () => {
    const answer = await explain("metric=net_mrr_churn_rate&period=2025-03");
    expect(answer).toMatchObject({ value: 0.03, reason: null, complete: true, unit: "rate", next: null });
    expect(answer.formula.text).toBe("(churn + contraction − expansion − reactivation) ÷ MRR at start");
    expect(answer.formula.expression).toBe(
      "(churn 700 + contraction 300 − expansion 500 − reactivation 200) ÷ MRR at start 10,000 = 3.0 %",
    );
    expect(answer.formula.parts.at(-1)).toMatchObject({
      value: "10000",
      opens: { metric: "mrr", period: "2025-02" },
    });
    expect(answer.policy).toMatchObject({ preset: "jarvis", version: 1 });
    expect(answer.policy.toggles).toContainEqual({
      ...{ key: "net_churn_reactivation", value: "true" },
      ...{ label: "Net churn", words: "Reactivation lowers the net MRR churn rate." },
    });
    expect(
      answer.movements.map(({ customer_id, kind, before, after }) => [customer_id, kind, before, after]),
    ).toEqual([
      ["leaves", "churn", "700", "0"],
      ["grows", "expansion", "500", "1000"],
      ["shrinks", "contraction", "800", "500"],
      ["returns", "reactivation", "0", "200"],
    ]);
    expect(answer.rows.filter(({ movement }) => movement === 0)).toEqual([
      expect.objectContaining({
        ...{ role: "ends", line: 46, object: null, customer_id: "leaves" },
        source: { kind: "upload", upload_id: upload, file_name: "subscriptions.csv" },
        columns: expect.objectContaining({ plan: "Silver", mrr: "700", to: "2025-03-20" }),
      }),
    ]);
    expect(answer.rows.filter(({ movement }) => movement === 1).map(({ role }) => role)).toEqual([
      "ends",
      "begins",
    ]);
  });

  test("follows a stock to every customer, largest first, a page at a time", async () => {
    const seen: string[] = [];
    let cursor = "";
    do {
      const answer = await explain(`metric=mrr&period=2025-03&limit=2${cursor}`);
      expect(answer).toMatchObject({
        value: "11200",
        total: { rows: 5, counted: "11200", counted_annual: "134400" },
      });
      seen.push(...answer.movements.map(({ customer_id, counted }) => `${customer_id} ${counted}`));
      expect(answer.rows).toHaveLength(answer.movements.length);
      cursor = answer.next === null ? "" : `&cursor=${encodeURIComponent(answer.next)}`;
    } while (cursor !== "");
    expect(seen).toEqual(["stays 8000", "joins 1500", "grows 1000", "shrinks 500", "returns 200"]);
  });

  test("follows a cohort cell to its members, and a part of a composition to who pays it", async () => {
    const cell = await explain("metric=cohort&cohort=2025-01&k=2&measure=mrr_net");
    expect(cell).toMatchObject({
      value: "9700",
      period: "2025-03",
      cohort: { cohort: "2025-01", k: 2, basis: "first_payment" },
    });
    expect(cell.rate).toBe(9700 / 10200);
    expect(cell.formula.expression).toBe("their MRR then 9,700 ÷ their first MRR 10,200 = 95.1 %");
    expect(
      cell.movements.map(({ customer_id, before, after }) => [customer_id, before, after]),
    ).toContainEqual([...["leaves", "700", "0"]]);
    expect(cell.rows.filter(({ role }) => role === "joined")).toHaveLength(5);

    const part = await explain("metric=composition&by=plan&key=Silver&at=2025-03-01");
    expect(part).toMatchObject({ value: "700", movements: [{ customer_id: "leaves", counted: "700" }] });
    expect(part.rows).toHaveLength(1);
    expect(await explain("metric=composition&by=country&not_set=true&at=2025-03-01")).toMatchObject({
      value: "9300",
    });
    expect(await explain("metric=composition&by=country&at=2025-03-01")).toMatchObject({
      value: "10000",
      rate: null,
    });
  });

  test("takes filters and observation days as the numbers do", async () => {
    const seen = async (query: string) => (await explain(`metric=mrr&${query}`)).value;
    expect(await seen("period=2025-03&filter.plan=Silver&as_of=2025-03-10")).toBe("700");
    expect(await seen("period=2025-Q1&filter.country=DE")).toBe("0");
    expect(await seen("period=2025-01&filter.country=DE&filter.country=FR")).toBe("700");
    expect(await explain("metric=mrr&period=2999-01")).toMatchObject({
      value: null,
      reason: "no_data",
      movements: [],
    });
  });

  test("takes segments as the numbers do, and sizes and tenures", async () => {
    const { id } = await t.app.withOrg(t.orgA, (tx) =>
      createSegment(tx, {
        ...{ name: "Silver or growing", color: null },
        expression: {
          any: [
            { key: "plan", op: "is", values: ["Silver"] },
            { key: "country", op: "is", values: ["DE"] },
          ],
        },
      }),
    );
    for (const filter of [`filter.segment=${id}`, "filter.size=1000-2500", "filter.tenure=0-3"])
      for (const metric of ["mrr", "churned_mrr", "customers"]) {
        const { value, total } = await explain(`metric=${metric}&period=2025-03&${filter}`);
        const { body } = await get(`/metrics?names=${metric}&from=2025-03&to=2025-03&${filter}`);
        expect([filter, metric, value]).toEqual([filter, metric, body.metrics[metric][0].value]);
        expect(metric === "customers" ? total.counted_customers : (total.counted ?? "0")).toBe(value);
      }
  });

  test.each([
    ["metric=mmr&period=2025-03", "unknown_metric"],
    ["metric=mrr", "missing_period"],
    ["metric=mrr&period=2025-13", "bad_period"],
    ["metric=mrr&period=0000", "bad_period"],
    ["metric=mrr&period=9999", "bad_period"],
    ["metric=cohort&cohort=9980&k=100", "bad_period"],
    ["metric=cohort&cohort=2025-01", "missing_cell"],
    ["metric=cohort&cohort=2025-01-01&k=1", "bad_period"],
    ["metric=cohort&cohort=2025-01&k=1&grain=week", "bad_period"],
    ["metric=cohort&cohort=2025-01&k=-1", "invalid_input"],
    ["metric=composition&by=shoe", "invalid_input"],
    ["metric=mrr&period=2025-03&cursor=nonsense", "bad_cursor"],
    [
      `metric=mrr&period=2025-03&cursor=${Buffer.from('["-size","1e9","x","2025-01-01",1,""]').toString("base64url")}`,
      "bad_cursor",
    ],
    [
      `metric=mrr&period=2025-03&cursor=${Buffer.from('["date","1","1","2025-01-01",1,""]').toString("base64url")}`,
      "bad_cursor",
    ],
    ["period=2025-03", "invalid_input"],
  ])("?%s is a 400", async (query, code) => {
    expect(await get(`/explain?${query}`)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  test("of the first and the last year that can be written has an answer", async () => {
    for (const period of ["0010", "0010-01", "9989", "9989-W52", "9989-12-31"])
      for (const metric of ["mrr", "ltv", "magic_number", "nrr"])
        expect(await get(`/explain?metric=${metric}&period=${period}`), period).toMatchObject({
          status: 200,
        });
    expect(await get("/explain?metric=cohort&cohort=2025-01&k=5000")).toMatchObject({ status: 200 });
  });

  test("of another organisation is its own: neither its files nor its customers are told", async () => {
    const { body } = await get("/explain?metric=mrr&period=2025-03", theirs);
    expect(body.value).toBe("11200");
    expect(
      body.rows.every(({ source }: { source: { upload_id: string | null } }) => source.upload_id === null),
    ).toBe(true);
    expect((await get(`/uploads/${upload}/lines/2`, theirs)).status).toBe(404);
  });
});
