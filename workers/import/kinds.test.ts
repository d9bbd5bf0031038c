import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { errorsOf, importAgain, undo, upload } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

type Row = Record<string, unknown>;
const rows = (orgId: string, query: ReturnType<typeof sql>) =>
  t.app.withOrg(orgId, (tx) => tx.rows<Row>(query));
const states = async (orgId: string) =>
  (
    await rows(
      orgId,
      sql`SELECT c.external_id AS id, v.from_day, v.to_day, (v.annual / 12)::float8 AS mrr FROM subscription_version v
        JOIN customer c ON c.org_id = v.org_id AND c.id = v.customer_id
        WHERE v.org_id = ${orgId} AND v.superseded_by IS NULL ORDER BY c.external_id, v.from_day`,
    )
  ).map(({ id, from_day, to_day, mrr }) => [id, from_day, to_day, mrr]);
const movements = (orgId: string) =>
  rows(
    orgId,
    sql`SELECT c.external_id AS id, m.day, m.kind, (m.annual / 12)::float8 AS amount FROM movement m
      JOIN customer c ON c.org_id = m.org_id AND c.id = m.customer_id WHERE m.org_id = ${orgId} ORDER BY 1, 2`,
  );
const organisation = async (orgId: string) =>
  (await rows(orgId, sql`SELECT covered_until, metrics_version FROM organisation WHERE id = ${orgId}`))[0];

describe("mrr_by_month", () => {
  const long = `customer_id,month,mrr
a,2024-01,100
a,2024-02,100
a,2024-03,120
b,2024-01,50
b,2024-03,50
`;

  test("long: equal months are one version, a month that is missing is 0, the last value carries", async () => {
    const done = await upload(t, t.orgA, long);
    expect(done).toMatchObject({ status: "done", kind: "mrr_by_month", rows: { imported: 5 } });
    expect(await states(t.orgA)).toEqual([
      ["a", "2024-01-01", "2024-03-01", 100],
      ["a", "2024-03-01", null, 120],
      ["b", "2024-01-01", "2024-02-01", 50],
      ["b", "2024-03-01", null, 50],
    ]);
    expect(await organisation(t.orgA)).toMatchObject({ covered_until: "2024-03-01" });
    expect(await movements(t.orgA)).toMatchObject([
      { id: "a", kind: "new", day: "2024-01-01" },
      { id: "a", kind: "expansion", day: "2024-03-01", amount: 20 },
      { id: "b", kind: "new" },
      { id: "b", kind: "churn", day: "2024-02-01" },
      { id: "b", kind: "reactivation", day: "2024-03-01" },
    ]);
    expect(await states(t.orgB)).toEqual([]);
  });

  test("wide: one column per month, whatever months are called", async () => {
    const orgId = await createTestOrganisation(t.app, "Wide");
    const done = await upload(
      t,
      orgId,
      "Customer ID;Country;Jan 2024;Feb 2024;03/2024\na;DE;100,5;100,5;0\nb;US;;;20,25\nc;FR;;;\n",
    );
    expect(done).toMatchObject({ status: "done", kind: "mrr_by_month", dialect: { delimiter: ";" } });
    expect(done.mapping).toMatchObject({ "Jan 2024": "mrr", Country: "country" });
    expect(await states(orgId)).toEqual([
      ["a", "2024-01-01", "2024-03-01", 100.5],
      ["b", "2024-03-01", null, 20.25],
    ]);
    expect(
      await rows(orgId, sql`SELECT external_id, country FROM customer WHERE org_id = ${orgId} ORDER BY 1`),
    ).toEqual([
      { external_id: "a", country: "DE" },
      { external_id: "b", country: "US" },
      { external_id: "c", country: "FR" },
    ]);
  });

  test("a newer upload wins for the months that it covers, customers that it lacks included", async () => {
    const orgId = await createTestOrganisation(t.app, "Newer");
    const first = await upload(t, orgId, long);
    const newer = await upload(t, orgId, "customer_id,month,mrr\na,2024-02,200\nc,2024-03,5\n");
    expect(await states(orgId)).toEqual([
      ["a", "2024-01-01", "2024-02-01", 100],
      ["a", "2024-02-01", "2024-03-01", 200],
      ["b", "2024-01-01", "2024-02-01", 50],
      ["c", "2024-03-01", null, 5],
    ]);
    await undo(t, orgId, newer.id);
    expect((await states(orgId)).map(([id]) => id)).toEqual(["a", "a", "b", "b"]);
    expect(
      await rows(orgId, sql`SELECT external_id FROM customer WHERE org_id = ${orgId} ORDER BY 1`),
    ).toEqual([{ external_id: "a" }, { external_id: "b" }]);
    await undo(t, orgId, first.id);
    expect(await states(orgId)).toEqual([]);
    expect(await movements(orgId)).toEqual([]);
    expect(await organisation(orgId)).toMatchObject({ covered_until: null });
  });

  test("a month between two files carries what was", async () => {
    const orgId = await createTestOrganisation(t.app, "Gap");
    await upload(t, orgId, "customer_id,month,mrr\na,2024-01,10\nb,2024-01,1\n");
    await upload(t, orgId, "customer_id,month,mrr\na,2024-04,10\n");
    expect(await states(orgId)).toEqual([
      ["a", "2024-01-01", null, 10],
      ["b", "2024-01-01", "2024-04-01", 1],
    ]);
  });

  test("a month that is given twice is refused and named", async () => {
    const orgId = await createTestOrganisation(t.app, "Twice");
    const done = await upload(t, orgId, "customer_id,month,mrr\na,2024-01,10\na,2024-01,11\n");
    expect(done.rows).toMatchObject({ read: 2, imported: 1, rejected: 1 });
    expect(await errorsOf(t, orgId, done.id)).toMatchObject([
      { line: 3, column: "month", code: "repeated_month" },
    ]);
    expect(await states(orgId)).toEqual([["a", "2024-01-01", null, 10]]);
  });
});

describe("customers", () => {
  test("a file of features becomes attributes, and what it says of churn is kept as a share", async () => {
    const orgId = await createTestOrganisation(t.app, "Features");
    const done = await upload(
      t,
      orgId,
      `customerID,gender,tenure,Churn,__proto__,constructor
a,Female,1,Yes,x,y
b,Male,34,No,,
c,Male,2,0.25,,
d,Male,2,85%,,
e,Male,2,2024-05-01,,
f,Male,2,maybe,,
g,Male,2,,,
`,
    );
    expect(done).toMatchObject({ status: "done", kind: "customers", rows: { imported: 7 } });
    expect(
      await rows(
        orgId,
        sql`SELECT external_id AS id, churn_provided AS churn, attributes::text AS attributes FROM customer
          WHERE org_id = ${orgId} ORDER BY 1`,
      ),
    ).toEqual([
      {
        id: "a",
        churn: 1,
        attributes: '{"gender": "Female", "tenure": "1", "__proto__": "x", "constructor": "y"}',
      },
      { id: "b", churn: 0, attributes: '{"gender": "Male", "tenure": "34"}' },
      { id: "c", churn: 0.25, attributes: '{"gender": "Male", "tenure": "2"}' },
      { id: "d", churn: 0.85, attributes: '{"gender": "Male", "tenure": "2"}' },
      { id: "e", churn: 1, attributes: '{"gender": "Male", "tenure": "2"}' },
      { id: "f", churn: null, attributes: '{"Churn": "maybe", "gender": "Male", "tenure": "2"}' },
      { id: "g", churn: null, attributes: '{"gender": "Male", "tenure": "2"}' },
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("a customer of whom a file says nothing but the id comes and goes with it", async () => {
    const orgId = await createTestOrganisation(t.app, "Ids");
    const done = await upload(t, orgId, "customer_id\na\nb\n");
    const count = () => rows(orgId, sql`SELECT count(*)::int AS n FROM customer WHERE org_id = ${orgId}`);
    expect(await count()).toEqual([{ n: 2 }]);
    await undo(t, orgId, done.id);
    expect(await count()).toEqual([{ n: 0 }]);
  });

  test("the day of sign-up is the written one, or that of the organisation's zone", async () => {
    const orgId = await createTestOrganisation(t.app, "Signup", { timezone: "America/Los_Angeles" });
    await upload(t, orgId, "customer_id,signup_at\na,2024-01-01\nb,2024-01-01T03:00:00Z\n");
    expect(
      await rows(
        orgId,
        sql`SELECT external_id AS id, signup_day FROM customer WHERE org_id = ${orgId} ORDER BY 1`,
      ),
    ).toEqual([
      { id: "a", signup_day: "2024-01-01" },
      { id: "b", signup_day: "2023-12-31" },
    ]);
  });
});

describe("transactions, spend and exchange rates", () => {
  test("transactions keep day, amount and currency, refunds too", async () => {
    const orgId = await createTestOrganisation(t.app, "Transactions", { currency: "EUR" });
    const done = await upload(
      t,
      orgId,
      "customer_id,date,amount,currency\na,2024-01-05,10.50,USD\na,2024-02-05,(3.00),\nb,2024-01-06,,\n",
    );
    expect(done).toMatchObject({ status: "done", kind: "transactions" });
    const found = () =>
      rows(
        orgId,
        sql`SELECT c.external_id AS id, x.day, x.amount::float8 AS amount, x.currency FROM transaction x
          JOIN customer c ON c.org_id = x.org_id AND c.id = x.customer_id WHERE x.org_id = ${orgId} ORDER BY x.line`,
      );
    expect(await found()).toEqual([
      { id: "a", day: "2024-01-05", amount: 10.5, currency: "USD" },
      { id: "a", day: "2024-02-05", amount: -3, currency: "EUR" },
      { id: "b", day: "2024-01-06", amount: null, currency: null },
    ]);
    await undo(t, orgId, done.id);
    expect(await found()).toEqual([]);
  });

  test("spend goes to its month", async () => {
    const orgId = await createTestOrganisation(t.app, "Spend");
    const done = await upload(t, orgId, "month,category,amount\n2024-01,Ads,1000\nFeb 2024,,50\n");
    expect(done).toMatchObject({ status: "done", kind: "spend" });
    const found = () =>
      rows(
        orgId,
        sql`SELECT month, category, amount::float8 AS amount, currency FROM spend WHERE org_id = ${orgId} ORDER BY 1`,
      );
    expect(await found()).toEqual([
      { month: "2024-01-01", category: "Ads", amount: 1000, currency: "USD" },
      { month: "2024-02-01", category: null, amount: 50, currency: "USD" },
    ]);
    expect(await rows(t.orgB, sql`SELECT * FROM spend WHERE org_id = ${t.orgB}`)).toEqual([]);
    await undo(t, orgId, done.id);
    expect(await found()).toEqual([]);
  });

  test("rates value what is held in other currencies (T10), newer files first", async () => {
    const orgId = await createTestOrganisation(t.app, "Rates");
    await upload(t, orgId, "customer_id,amount,currency,started_at\na,100,EUR,2024-01-15\n");
    const done = await upload(
      t,
      orgId,
      "date,from,to,rate\n2024-01-01,EUR,USD,1.10\n2024-02-10,EUR,USD,1.20\n",
      {
        kind: "fx_rates",
      },
    );
    expect(done).toMatchObject({ status: "done", rows: { imported: 2 } });
    expect(await movements(orgId)).toMatchObject([
      { kind: "new", amount: 110 },
      { kind: "fx", amount: 10 },
    ]);
    const newer = await upload(
      t,
      orgId,
      "date,from,to,rate\n2024-02-10,eur,usd,1.30\n2024-02-10,EUR,EUR,1\n2024-02-10,EUR,USD,0\n",
    );
    expect(newer).toMatchObject({ kind: "fx_rates", rows: { imported: 1, rejected: 2 } });
    expect(await movements(orgId)).toMatchObject([{ amount: 110 }, { kind: "fx", amount: 20 }]);
    await undo(t, orgId, newer.id);
    expect(await movements(orgId)).toMatchObject([{ amount: 110 }, { kind: "fx", amount: 10 }]);
  });
});

describe("what only a person can decide", () => {
  test("a day and month that could be either way are asked for, and the answer imports", async () => {
    const orgId = await createTestOrganisation(t.app, "Dates");
    const file = "customer_id,amount,started_at\na,10,03/04/2024\nb,10,05/06/2024\n";
    const asked = await upload(t, orgId, file, { kind: "subscriptions" });
    expect(asked).toMatchObject({
      status: "needs_mapping",
      kind: "subscriptions",
      questions: [{ code: "date_format", column: "started_at", examples: ["03/04/2024", "05/06/2024"] }],
    });
    const done = await importAgain(t, orgId, asked.id, {
      kind: "subscriptions",
      options: { date_format: "DD/MM/YYYY" },
    });
    expect(done.status).toBe("done");
    expect((await states(orgId)).map(([, from]) => from)).toEqual(["2024-04-03", "2024-06-05"]);
  });

  test("one value that can be read one way only decides for all of them, however far down", async () => {
    const orgId = await createTestOrganisation(t.app, "Far down");
    const many = Array.from({ length: 60_000 }, (_, n) => `customer-${n},1,03/04/2024`).join("\n");
    const done = await upload(t, orgId, `customer_id,amount,started_at\n${many}\nlast,1,04/25/2024\n`);
    expect(done.bytes).toBeGreaterThan(1024 * 1024);
    expect(done).toMatchObject({
      status: "done",
      options: { date_format: "mdy" },
      rows: { imported: 60_001 },
    });
  });

  test("several columns that could be one are asked for, unless the mapping says", async () => {
    const orgId = await createTestOrganisation(t.app, "Columns");
    const file = "customer,price,unit_amount,start_date\na,10,20,2024-01-01\n";
    const asked = await upload(t, orgId, file);
    expect(asked).toMatchObject({
      status: "needs_mapping",
      kind: "subscriptions",
      questions: [{ code: "ambiguous_column", field: "amount", columns: ["price", "unit_amount"] }],
    });
    const done = await upload(t, orgId, file, { mapping: { unit_amount: "amount", price: null } });
    expect(done).toMatchObject({ status: "done", mapping: { customer: "customer_id", price: null } });
    expect(await states(orgId)).toMatchObject([["a", "2024-01-01", null, 20]]);
  });

  /** A column "Billing" of yearly and monthly was kept as an attribute, and a year's price counted for a month. */
  test("a column that only its cells tell to be an interval or a currency is asked for, unless the person said", async () => {
    const orgId = await createTestOrganisation(t.app, "Told");
    const file =
      "customer,price,start_date,Billing,Money\na,120,2024-01-01,yearly,USD\nb,10,2024-01-01,monthly,\n";
    expect(await upload(t, orgId, file)).toMatchObject({
      status: "needs_mapping",
      kind: "subscriptions",
      questions: [
        { code: "ambiguous_column", field: "currency", columns: ["Money"] },
        { code: "ambiguous_column", field: "interval", columns: ["Billing"] },
      ],
    });
    const mapping = { Billing: "interval", Money: "attr.Money" };
    expect(await upload(t, orgId, file, { mapping })).toMatchObject({ status: "done", mapping });
    expect(await states(orgId)).toMatchObject([
      ["a", "2024-01-01", null, 10],
      ["b", "2024-01-01", null, 10],
    ]);
  });

  test("a file that fits nothing asks what it is", async () => {
    const orgId = await createTestOrganisation(t.app, "Nothing");
    const asked = await upload(t, orgId, "a,b,c\n1,2,3\n");
    expect(asked).toMatchObject({ status: "needs_mapping", kind: null, questions: [{ code: "kind" }] });
    expect(asked.columns).toEqual(["a", "b", "c"]);
  });

  test("a mapping that names what is not there asks again", async () => {
    const orgId = await createTestOrganisation(t.app, "Mapping");
    const asked = await upload(t, orgId, "a,b\n1,2\n", {
      kind: "customers",
      mapping: { nope: "customer_id", b: "salary" },
    });
    expect(asked.status).toBe("needs_mapping");
    expect(asked.questions.map(({ code }) => code)).toEqual(["mapping", "mapping", "missing_column"]);
  });

  test("a comma that could group thousands or be a decimal sign is asked for", async () => {
    const orgId = await createTestOrganisation(t.app, "Comma");
    const file = 'customer_id,amount,started_at\na,"1,234",2024-01-01\n';
    const asked = await upload(t, orgId, file);
    expect(asked.questions).toMatchObject([{ code: "decimal_comma", column: "amount", examples: ["1,234"] }]);
    await importAgain(t, orgId, asked.id, { options: { decimal_comma: true } });
    expect(await states(orgId)).toMatchObject([["a", "2024-01-01", null, 1.234]]);
  });
});
