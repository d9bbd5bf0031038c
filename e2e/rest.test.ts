import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Product, type RestClient, startProduct } from "./product.ts";

/**
 * The public REST contract, from the outside: real HTTP, real jobs, real Postgres; only the pages are left out.
 * Each describe makes an organisation of its own; "other" is the one that must never see any of it.
 */
let product: Product;
let other: RestClient;
beforeAll(async () => {
  product = await startProduct();
  other = await product.organisation("Other");
  await other.importCsv("customer_id,plan,amount,started_at\nintruder,Gold,999,2025-01-01\n");
});
afterAll(() => product.stop());

const values = async (api: RestClient, name: string, query: string) => {
  const { body } = await api.get(`/metrics?names=${name}&${query}`);
  return (body.metrics[name] as { period: string; value: string | number | null }[]).map(
    (point) => point.value,
  );
};

describe("a token", () => {
  test("is refused when it is wrong, and bound to its organisation when it is right", async () => {
    const api = await product.organisation("Bound");
    const { status, body } = await api.get("/org");
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "Bound", currency: "USD", timezone: "UTC" });
    expect(body.policy.preset).toBe("jarvis");
    const wrong = await product.client("jv_nonsense").get("/org");
    expect(wrong.status).toBe(401);
    expect(wrong.body.error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  });
});

describe("subscriptions become MRR", () => {
  let api: RestClient;
  let id: string;
  beforeAll(async () => {
    api = await product.organisation("T1");
    id = await api.importCsv(
      [
        "Customer ID,Customer Name,Plan,Amount,Currency,Interval,Quantity,Start Date,End Date,Country,Segment",
        ...Array.from({ length: 100 }, (_, i) => `m${i},Monthly ${i},Pro,100,USD,month,1,2025-01-15,,DE,smb`),
        ...Array.from({ length: 50 }, (_, i) => `y${i},Yearly ${i},Annual,600,USD,year,1,2025-02-10,,US,mid`),
      ].join("\n"),
    );
  });

  test("T1 with the upload's counts, dialect and mapping", async () => {
    const { body } = await api.get(`/uploads/${id}`);
    expect(body).toMatchObject({
      status: "done",
      kind: "subscriptions",
      dialect: { encoding: "utf-8", delimiter: ",", quote: '"', eol: "\n" },
      rows: { read: 150, imported: 150, rejected: 0 },
      error: null,
    });
    expect(await values(api, "mrr", "from=2025-01&to=2025-03")).toEqual(["10000", "12500", "12500"]);
    expect(await values(api, "arr", "from=2025-03&to=2025-03")).toEqual(["150000"]);
    expect(await values(api, "customers", "from=2025-01&to=2025-02")).toEqual([100, 150]);
    expect(await values(api, "new_mrr", "from=2025-02&to=2025-02")).toEqual(["2500"]);
  });

  test("by filter, by grain and as of a day", async () => {
    expect(await values(api, "mrr", "from=2025-03&to=2025-03&filter.plan=Pro")).toEqual(["10000"]);
    expect(await values(api, "mrr", "from=2025-03&to=2025-03&filter.plan=Pro&filter.plan=Annual")).toEqual([
      "12500",
    ]);
    expect(await values(api, "mrr", "from=2025-03&to=2025-03&filter.country=US")).toEqual(["2500"]);
    expect(await values(api, "mrr", "from=2025-03&to=2025-03&filter.attr.Segment=smb")).toEqual(["10000"]);
    expect(await values(api, "mrr", "grain=quarter&from=2025-Q1&to=2025-Q1")).toEqual(["12500"]);
    expect(await values(api, "mrr", "grain=day&from=2025-02-09&to=2025-02-10")).toEqual(["10000", "12500"]);
    expect(await values(api, "mrr", "grain=week&from=2025-W03&to=2025-W03")).toEqual(["10000"]);
    expect(await values(api, "mrr", "from=2025-02&to=2025-02&as_of=2025-02-09")).toEqual(["10000"]);
  });

  test("a changed policy or zone holds for the next question", async () => {
    expect(
      (await api.patch("/org", { timezone: "Asia/Tokyo", policy: { preset: "chartmogul" } })).status,
    ).toBe(200);
    const { body } = await api.get("/metrics?names=mrr&from=2025-03&to=2025-03");
    expect(body).toMatchObject({ timezone: "Asia/Tokyo", policy: { preset: "chartmogul" } });
    expect(body.metrics.mrr[0].value).toBe("12500");
    await api.patch("/org", { timezone: "UTC", policy: { preset: "jarvis" } });
  });

  test("an empty filter value asks for those that have none", async () => {
    expect(await values(api, "mrr", "from=2025-03&to=2025-03&filter.country=")).toEqual(["0"]);
    expect(await values(api, "mrr", "from=2025-03&to=2025-03&filter.country=&filter.country=US")).toEqual([
      "2500",
    ]);
  });

  test("composition adds up to the whole", async () => {
    const { body } = await api.get("/composition?by=plan&at=2025-03-31");
    expect(body.total).toBe("12500");
    expect(body.parts).toEqual([
      { key: "Pro", mrr: "10000", share: 0.8, customers: 100 },
      { key: "Annual", mrr: "2500", share: 0.2, customers: 50 },
    ]);
  });

  test("movements are signed, dated and lead back to their line", async () => {
    const { body } = await api.get("/movements?from=2025-01&to=2025-01&customer=m0");
    expect(body.items).toEqual([
      expect.objectContaining({
        date: "2025-01-15",
        customer_id: "m0",
        kind: "new",
        amount: "100",
        source: expect.objectContaining({ upload_id: id, line: 2 }),
      }),
    ]);
  });

  test("customers come by MRR, a page at a time", async () => {
    const first = await api.get("/customers?sort=-mrr&limit=100");
    expect(first.body.items).toHaveLength(100);
    expect(first.body.items[0]).toMatchObject({
      mrr: "100",
      country: "DE",
      attributes: { Segment: "smb" },
      first_paid: "2025-01-15",
    });
    const second = await api.get(
      `/customers?sort=-mrr&limit=100&cursor=${encodeURIComponent(first.body.next)}`,
    );
    expect(second.body.items).toHaveLength(50);
    expect(second.body.next).toBeNull();
    const one = await api.get("/customers/m0");
    expect(one.body).toMatchObject({ customer_id: "m0", name: "Monthly 0", mrr: "100" });
  });

  test("the same bytes again are the same upload", async () => {
    const again = await api.upload("customer_id,plan,amount,started_at\nx,Pro,1,2025-01-01\n");
    const twice = await api.upload("customer_id,plan,amount,started_at\nx,Pro,1,2025-01-01\n");
    expect(again.status).toBe(202);
    expect(twice.status).toBe(200);
    expect(twice.body).toMatchObject({ id: again.body.id, duplicate: true });
    await api.settled(again.body.id);
    await api.delete(`/uploads/${again.body.id}`);
    await api.settled(again.body.id, ["undone"]);
    expect(await values(api, "mrr", "from=2025-03&to=2025-03")).toEqual(["12500"]);
  });

  test("another organisation sees none of it", async () => {
    expect((await other.get(`/uploads/${id}`)).status).toBe(404);
    expect((await other.get("/customers/m0")).status).toBe(404);
    expect(await values(other, "mrr", "from=2025-03&to=2025-03")).toEqual(["999"]);
  });
});

describe("normalising", () => {
  test("T2–T5: seats, weeks, discounts, three months", async () => {
    const api = await product.organisation("T2");
    await api.importCsv(
      [
        "customer_id,plan,amount,interval,interval_count,quantity,discount_percent,started_at",
        "seats,Team,500,year,1,4,,2025-01-01",
        "weekly,Weekly,10,week,1,1,,2025-01-01",
        "coupon,Yearly,120,year,1,1,10,2025-01-01",
        "quarter,Quarterly,300,month,3,2,,2025-01-01",
      ].join("\n"),
    );
    for (const [customer, mrr] of Object.entries({
      seats: "166.666666666667",
      weekly: "43.333333333333",
      coupon: "9",
      quarter: "200",
    }))
      expect((await api.get(`/customers/${customer}`)).body.mrr, customer).toBe(mrr);
  });
});

describe("movements", () => {
  test("T7: new, expansion, contraction, churn, reactivation", async () => {
    const api = await product.organisation("T7");
    await api.importCsv(
      [
        "customer_id,subscription_id,plan,amount,interval,quantity,started_at,ended_at",
        "c,gold,Gold,500,year,4,2024-01-01,2025-01-01",
        "c,silver,Silver,30,month,2,2024-03-01,2024-06-01",
        "c,gold2,Gold,50,month,3,2025-06-01,",
      ].join("\n"),
    );
    const { body } = await api.get("/movements?from=2024&to=2025");
    expect(
      body.items.map((item: { date: string; kind: string; amount: string }) => [
        item.date,
        item.kind,
        item.amount,
      ]),
    ).toEqual([
      ["2024-01-01", "new", "166.666666666667"],
      ["2024-03-01", "expansion", "60"],
      ["2024-06-01", "contraction", "-60"],
      ["2025-01-01", "churn", "-166.666666666667"],
      ["2025-06-01", "reactivation", "150"],
    ]);
    expect(await values(api, "churned_mrr", "from=2025-01&to=2025-01")).toEqual(["166.666666666667"]);
  });

  test("T-edge: a period that ends at midnight UTC ended a day earlier in Los Angeles", async () => {
    const csv =
      "customer_id,amount,started_at,ended_at\nedge,100,2026-01-01T12:00:00Z,2026-02-01T00:00:00Z\n";
    const utc = await product.organisation("Edge UTC");
    await utc.importCsv(csv);
    expect(await values(utc, "mrr", "from=2026-01&to=2026-02")).toEqual(["100", "0"]);
    const la = await product.organisation("Edge LA");
    expect((await la.patch("/org", { timezone: "America/Los_Angeles" })).status).toBe(200);
    await la.importCsv(csv);
    expect(await values(la, "mrr", "from=2026-01&to=2026-02")).toEqual(["0", "0"]);
    expect(await values(la, "churned_mrr", "from=2026-01&to=2026-02")).toEqual(["100", "0"]);
  });

  test("T10: a held amount drifts with the rate, and that is no movement", async () => {
    const api = await product.organisation("T10");
    await api.importCsv("date,from,to,rate\n2025-01-01,EUR,USD,1.10\n2025-02-01,EUR,USD,1.20\n", {
      kind: "fx_rates",
    });
    await api.importCsv("customer_id,amount,currency,started_at\neu,100,EUR,2025-01-10\n");
    expect(await values(api, "mrr", "from=2025-01&to=2025-02")).toEqual(["110", "120"]);
    expect(await values(api, "fx_mrr", "from=2025-02&to=2025-02")).toEqual(["10"]);
    expect(await values(api, "net_new_mrr", "from=2025-02&to=2025-02")).toEqual(["0"]);
  });

  test("without a rate the value is null and says why", async () => {
    const api = await product.organisation("No rate");
    await api.importCsv("customer_id,amount,currency,started_at\neu,100,EUR,2025-01-10\n");
    const { body } = await api.get("/metrics?names=mrr&from=2025-02&to=2025-02");
    expect(body.metrics.mrr).toEqual([
      { period: "2025-02", value: null, complete: true, reason: "fx_rate_missing" },
    ]);
  });
});

describe("retention", () => {
  test("T11: NRR and GRR against the customers of twelve months before", async () => {
    const api = await product.organisation("T11");
    await api.importCsv(
      [
        "customer_id,subscription_id,amount,started_at,ended_at",
        "A,a,100,2024-01-01,",
        "A,a,150,2024-06-01,",
        "B,b,100,2024-01-01,",
        "B,b,60,2024-07-01,",
        "C,c,100,2024-01-01,2024-09-01",
        "D,d,100,2024-01-01,",
      ].join("\n"),
    );
    expect(await values(api, "nrr", "from=2025-01&to=2025-01")).toEqual([0.775]);
    expect(await values(api, "grr", "from=2025-01&to=2025-01")).toEqual([0.65]);
  });

  test("T18: a cohort's net, gross and customers", async () => {
    const api = await product.organisation("T18");
    await api.importCsv(
      [
        "customer_id,subscription_id,amount,started_at,ended_at",
        "A,a,100,2025-01-05,",
        "A,a,150,2025-03-01,",
        "B,b,100,2025-01-10,2025-03-10",
        "C,c,100,2025-01-20,",
      ].join("\n"),
    );
    for (const [measure, rate, value] of [
      ["mrr_net", 250 / 300, "250"],
      ["mrr_gross", 200 / 300, "200"],
      ["customers", 2 / 3, 2],
    ] as const) {
      const { body } = await api.get(
        `/cohorts?grain=month&basis=first_payment&measure=${measure}&from=2025-01&to=2025-01&as_of=2025-04-15`,
      );
      const [cohort] = body.cohorts;
      expect(cohort).toMatchObject({ cohort: "2025-01", size: 3, initial: "300" });
      expect(cohort.cells[2]).toMatchObject({ value, complete: true });
      expect(cohort.cells[2].rate).toBeCloseTo(rate, 10);
      expect(cohort.cells[3]).toMatchObject({ complete: false });
      expect(cohort.cells).toHaveLength(4);
    }
  });
});

describe("uploads that need a person, or cannot be used", () => {
  test("an ambiguous file asks, shows its rows, and imports with the answer", async () => {
    const api = await product.organisation("Mapping");
    const sent = await api.upload("Who,Money,Begin\na,10,2025-01-01\nb,20,2025-02-01\n");
    const waiting = await api.settled(sent.body.id, ["needs_mapping"]);
    expect(waiting.columns).toBeTruthy();
    const preview = await api.get(`/uploads/${sent.body.id}/preview`);
    expect(preview.body).toMatchObject({
      header: ["Who", "Money", "Begin"],
      rows: [
        ["a", "10", "2025-01-01"],
        ["b", "20", "2025-02-01"],
      ],
    });
    const answer = await api.post(`/uploads/${sent.body.id}/import`, {
      kind: "subscriptions",
      mapping: { Who: "customer_id", Money: "amount", Begin: "started_at" },
      options: {},
    });
    expect(answer.status).toBe(202);
    await api.settled(sent.body.id);
    expect(await values(api, "mrr", "from=2025-02&to=2025-02")).toEqual(["30"]);
  });

  test("bad rows are listed with line, column and value, and do not stop the good ones", async () => {
    const api = await product.organisation("Rejects");
    const id = await api.importCsv(
      "customer_id,amount,started_at,status\nok,10,2025-01-01,active\nbad,ten,2025-01-01,active\nodd,10,2025-13-01,active\nold,10,2025-01-01,canceled\n",
    );
    const { body } = await api.get(`/uploads/${id}`);
    expect(body.rows).toMatchObject({ read: 4, imported: 1, rejected: 3 });
    const errors = await api.get(`/uploads/${id}/errors`);
    expect(
      errors.body.items.map((item: { line: number; column: string; value: string }) => [
        item.line,
        item.column,
        item.value,
      ]),
    ).toEqual([
      [3, "amount", "ten"],
      [4, "started_at", "2025-13-01"],
      [5, expect.any(String), expect.any(String)],
    ]);
  });

  test("a dry run says what would happen and changes nothing", async () => {
    const api = await product.organisation("Dry");
    const sent = await api.upload("customer_id,amount,started_at\na,10,2025-01-01\n", { dry_run: "true" });
    const end = await api.settled(sent.body.id, ["previewed"]);
    expect(end.rows).toMatchObject({ read: 1 });
    expect(await values(api, "customers", "from=2025-02&to=2025-02")).toEqual([0]);
  });

  test("a later upload replaces the versions of a subscription, and its undo brings them back", async () => {
    const api = await product.organisation("Replace");
    await api.importCsv("customer_id,subscription_id,amount,started_at\na,s,10,2025-01-01\n");
    const second = await api.importCsv("customer_id,subscription_id,amount,started_at\na,s,25,2025-01-01\n");
    expect(await values(api, "mrr", "from=2025-01&to=2025-01")).toEqual(["25"]);
    expect((await api.delete(`/uploads/${second}`)).status).toBeLessThan(300);
    await api.settled(second, ["undone"]);
    expect(await values(api, "mrr", "from=2025-01&to=2025-01")).toEqual(["10"]);
    const { body } = await api.get("/restatements");
    expect(body.items.length).toBeGreaterThan(0);
  });
});

describe("bad requests", () => {
  test("say what is wrong with a fitting status", async () => {
    const api = await product.organisation("Bad");
    for (const path of [
      "/metrics?names=nonsense",
      "/metrics?names=mrr&from=2025-13",
      "/metrics?names=mrr&grain=hour",
      "/cohorts?basis=first_activity&measure=mrr_net",
      "/customers?limit=1001",
      "/composition?by=nonsense",
    ]) {
      const { status, body } = await api.get(path);
      expect([path, status]).toEqual([path, 400]);
      expect(body.error.message, path).toEqual(expect.any(String));
    }
    expect((await api.get("/nonsense")).status).toBe(404);
    expect((await api.get("/uploads/01920000-0000-7000-8000-000000000009")).status).toBe(404);
    expect((await api.get("/customers/nobody")).status).toBe(404);
  });
});

describe("monthly values", () => {
  test("wide and long files say the same; a newer one wins for its months and carries its last", async () => {
    const wide = await product.organisation("Wide");
    await wide.importCsv("customer_id,2025-01,2025-02,2025-03\na,100,120,\nb,50,0,50\n");
    const long = await product.organisation("Long");
    await long.importCsv(
      "customer_id,month,mrr\na,2025-01,100\na,2025-02,120\nb,2025-01,50\nb,2025-02,0\nb,2025-03,50\n",
    );
    for (const api of [wide, long]) {
      expect(await values(api, "mrr", "from=2025-01&to=2025-03")).toEqual(["150", "120", "50"]);
      expect(await values(api, "reactivation_mrr", "from=2025-03&to=2025-03")).toEqual(["50"]);
      const { body } = await api.get("/metrics?names=mrr&from=2025-03&to=2025-04");
      expect(body.metrics.mrr).toEqual([
        { period: "2025-03", value: "50", complete: true, reason: null },
        { period: "2025-04", value: "50", complete: false, reason: null },
      ]);
    }
  });
});
