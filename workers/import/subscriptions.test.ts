import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { errorsOf, importAgain, undo, upload } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

/** MRR at the end of a day, added up from the ledger. */
const mrrOn = async (orgId: string, day: string): Promise<number> => {
  const [row] = await t.app.withOrg(orgId, (tx) =>
    tx.rows<{ annual: string | null }>(
      sql`SELECT sum(annual) AS annual FROM movement WHERE org_id = ${orgId} AND day <= ${day}::date`,
    ),
  );
  return Number(row?.annual ?? 0) / 12;
};
const versions = (orgId: string) =>
  t.app.withOrg(orgId, (tx) =>
    tx.rows<Record<string, unknown>>(sql`
      SELECT v.subscription_id, v.plan, v.from_day, v.to_day, v.annual::float8 AS annual, v.interval, v.line
      FROM subscription_version v WHERE v.org_id = ${orgId} AND superseded_by IS NULL ORDER BY subscription_id, from_day, v.id`),
  );
const customers = (orgId: string) =>
  t.app.withOrg(orgId, (tx) =>
    tx.rows<Record<string, unknown>>(sql`
      SELECT external_id, name, email, country, signup_day, attributes FROM customer WHERE org_id = ${orgId} ORDER BY external_id`),
  );
const movements = (orgId: string) =>
  t.app.withOrg(orgId, (tx) =>
    tx.rows<Record<string, unknown>>(sql`
      SELECT c.external_id AS customer, m.day, m.kind, (m.annual / 12)::float8 AS amount FROM movement m
      JOIN customer c ON c.org_id = m.org_id AND c.id = m.customer_id WHERE m.org_id = ${orgId} ORDER BY 1, 2, 3`),
  );

const file = `customer_id,customer_name,country,subscription_id,plan,amount,currency,interval,quantity,started_at,ended_at,segment
c1,Acme,DE,s1,Gold,500,USD,year,4,2024-01-15,2024-06-01,big
c1,Acme,DE,s2,Silver,30,USD,month,2,2024-02-01,2024-03-01,big
c2,"Umlaut, Ünal",US,s3,Bronze,10,USD,week,,2024-01-01,,small
`;

describe("an upload of subscriptions", () => {
  test("becomes customers, versions and movements of its organisation alone", async () => {
    const done = await upload(t, t.orgA, file);
    expect(done).toMatchObject({
      status: "done",
      kind: "subscriptions",
      error: null,
      rows: { read: 3, imported: 3, rejected: 0 },
      dialect: { encoding: "utf-8", delimiter: ",", quote: '"', eol: "\n" },
    });
    expect(done.mapping).toMatchObject({ amount: "amount", segment: "attr.segment" });
    expect(await customers(t.orgA)).toEqual([
      {
        external_id: "c1",
        name: "Acme",
        email: null,
        country: "DE",
        signup_day: null,
        attributes: { segment: "big" },
      },
      {
        external_id: "c2",
        name: "Umlaut, Ünal",
        email: null,
        country: "US",
        signup_day: null,
        attributes: { segment: "small" },
      },
    ]);
    expect(await versions(t.orgA)).toMatchObject([
      {
        subscription_id: "s1",
        plan: "Gold",
        from_day: "2024-01-15",
        to_day: "2024-06-01",
        annual: 2000,
        line: 2,
      },
      { subscription_id: "s2", annual: 720, interval: "month" },
      { subscription_id: "s3", annual: 520, interval: "week", to_day: null },
    ]);
    expect(await movements(t.orgA)).toEqual([
      { customer: "c1", day: "2024-01-15", kind: "new", amount: expect.closeTo(166.6667, 3) },
      { customer: "c1", day: "2024-02-01", kind: "expansion", amount: 60 },
      { customer: "c1", day: "2024-03-01", kind: "contraction", amount: -60 },
      { customer: "c1", day: "2024-06-01", kind: "churn", amount: expect.closeTo(-166.6667, 3) },
      { customer: "c2", day: "2024-01-01", kind: "new", amount: expect.closeTo(43.3333, 3) },
    ]);
    expect(await customers(t.orgB)).toEqual([]);
    expect(await movements(t.orgB)).toEqual([]);
  });

  test("undone, it is as if it had never been; imported again, it is back", async () => {
    const orgId = await createTestOrganisation(t.app, "Undo");
    const done = await upload(t, orgId, file);
    const before = await movements(orgId);
    expect((await undo(t, orgId, done.id)).status).toBe("undone");
    expect(await movements(orgId)).toEqual([]);
    expect(await customers(orgId)).toEqual([]);
    const again = await importAgain(t, orgId, done.id, {});
    expect(again.status).toBe("done");
    expect(await movements(orgId)).toEqual(before);
  });

  test("a later file replaces versions of the same id, and its undo brings the earlier back", async () => {
    const orgId = await createTestOrganisation(t.app, "Replace");
    const row = (amount: number, id = "s") =>
      `customer_id,subscription_id,amount,started_at\nc,${id},${amount},2024-01-01\n`;
    const first = await upload(t, orgId, row(10));
    const second = await upload(t, orgId, row(20));
    const third = await upload(t, orgId, row(30));
    expect(await mrrOn(orgId, "2024-01-31")).toBe(30);
    await undo(t, orgId, second.id);
    expect(await mrrOn(orgId, "2024-01-31")).toBe(30);
    await undo(t, orgId, third.id);
    expect(await mrrOn(orgId, "2024-01-31")).toBe(10);
    await importAgain(t, orgId, second.id, {});
    expect(await mrrOn(orgId, "2024-01-31")).toBe(20);
    await undo(t, orgId, first.id);
    expect(await mrrOn(orgId, "2024-01-31")).toBe(20);
    await undo(t, orgId, second.id);
    expect(await customers(orgId)).toEqual([]);
  });

  test("versions of one id end where the next starts, whatever their order in the file", async () => {
    const orgId = await createTestOrganisation(t.app, "Versions");
    await upload(
      t,
      orgId,
      `customer_id,subscription_id,amount,started_at,ended_at
c,s,30,2024-05-01,
c,s,10,2024-01-01,
c,s,20,2024-03-01,2024-04-01
c,s,25,2024-03-01,2024-04-01
`,
    );
    expect(await versions(orgId)).toMatchObject([
      { from_day: "2024-01-01", to_day: "2024-03-01", annual: 120 },
      { from_day: "2024-03-01", to_day: "2024-03-01", annual: 240 },
      { from_day: "2024-03-01", to_day: "2024-04-01", annual: 300 },
      { from_day: "2024-05-01", to_day: null, annual: 360 },
    ]);
    expect(await mrrOn(orgId, "2024-03-31")).toBe(25);
    expect(await mrrOn(orgId, "2024-04-30")).toBe(0);
    expect(await mrrOn(orgId, "2024-05-31")).toBe(30);
  });

  test("without an id the key is customer, plan and start", async () => {
    const orgId = await createTestOrganisation(t.app, "Keyless");
    const header = "customer_id,plan,amount,started_at\n";
    await upload(t, orgId, `${header}c,Gold,10,2024-01-01\nc,Silver,5,2024-01-01\n`);
    await upload(t, orgId, `${header}c,Gold,11,2024-01-01\n`);
    expect(await mrrOn(orgId, "2024-01-31")).toBe(16);
  });

  test("amounts follow the worked examples", async () => {
    const orgId = await createTestOrganisation(t.app, "Amounts");
    await upload(
      t,
      orgId,
      `customer_id,amount,interval,interval_count,quantity,discount_percent,discount_amount,started_at
T2,500,year,,4,,,2024-01-01
T3,10,week,,,,,2024-01-01
T4,120,year,,,10,,2024-01-01
T5,300,month,3,2,,,2024-01-01
T6,10,monthly,,,50,,2024-01-01
floor,10,month,,,,15,2024-01-01
percent first,100,month,,,10,5,2024-01-01
seventh,10,month,7,,,,2024-01-01
quarterly,30,quarterly,2,,,,2024-01-01
`,
    );
    const annual = await t.app.withOrg(orgId, (tx) =>
      tx.rows<{ id: string; annual: string; interval: string }>(sql`
        SELECT c.external_id AS id, v.annual, v.interval FROM subscription_version v
        JOIN customer c ON c.org_id = v.org_id AND c.id = v.customer_id WHERE v.org_id = ${orgId} ORDER BY v.line`),
    );
    expect(annual.map(({ id, annual }) => [id, Number(annual)])).toEqual([
      ["T2", 2000],
      ["T3", 520],
      ["T4", 108],
      ["T5", 2400],
      ["T6", 60],
      ["floor", 0],
      ["percent first", 1020],
      ["seventh", expect.closeTo(17.142857142857, 10)],
      ["quarterly", 60],
    ]);
    expect(annual[7]).toMatchObject({ annual: "17.142857142857", interval: "7 month" });
    expect(annual[8]?.interval).toBe("6 month");
  });

  test("MRR starts when the trial ends, and never for a trial that outlives the subscription", async () => {
    const orgId = await createTestOrganisation(t.app, "Trial");
    await upload(
      t,
      orgId,
      `customer_id,amount,started_at,trial_end,ended_at
a,10,2024-01-01,2024-01-15,
b,10,2024-01-01,2024-02-01,2024-01-20
`,
    );
    expect(await movements(orgId)).toEqual([{ customer: "a", day: "2024-01-15", kind: "new", amount: 10 }]);
  });

  test("an end at midnight UTC falls in the month that the organisation's zone says (T-edge)", async () => {
    const rows = "customer_id,amount,started_at,ended_at\nc,10,2025-01-01T12:00:00Z,2026-02-01T00:00Z\n";
    const utc = await createTestOrganisation(t.app, "UTC");
    await upload(t, utc, rows);
    expect(await movements(utc)).toMatchObject([{ kind: "new" }, { kind: "churn", day: "2026-02-01" }]);
    const la = await createTestOrganisation(t.app, "LA", { timezone: "America/Los_Angeles" });
    await upload(t, la, rows);
    expect(await movements(la)).toMatchObject([{ kind: "new" }, { kind: "churn", day: "2026-01-31" }]);
  });

  test("times without a zone are the organisation's, or the one that was given", async () => {
    const rows = "customer_id,amount,started_at\nc,10,2024-01-01 23:30\n";
    const tokyo = await createTestOrganisation(t.app, "Tokyo", { timezone: "Asia/Tokyo" });
    await upload(t, tokyo, rows);
    expect(await versions(tokyo)).toMatchObject([{ from_day: "2024-01-01" }]);
    const other = await createTestOrganisation(t.app, "Tokyo 2", { timezone: "Asia/Tokyo" });
    await upload(t, other, rows, { options: { timezone: "America/New_York" } });
    expect(await versions(other)).toMatchObject([{ from_day: "2024-01-02" }]);
  });

  test("rejected rows are listed with their place and never block the others", async () => {
    const orgId = await createTestOrganisation(t.app, "Rejects");
    const done = await upload(
      t,
      orgId,
      `customer_id,amount,currency,interval,started_at,ended_at,status
ok,10,USD,month,2024-01-01,,active
,10,USD,month,2024-01-01,,
a,ten,USD,month,2024-01-01,,
b,10,XXY,month,2024-01-01,,
c,10,USD,fortnight,2024-01-01,,
d,10,USD,month,2024-02-30,,
e,10,USD,month,2024-02-01,2024-01-01,
f,10,USD,month,2024-01-01,,canceled
g,10,USD,month,2024-01-01,,frozen
h,-5,USD,month,2024-01-01,,
i,1e400,USD,month,2024-01-01,,
j,€10,USD,month,2024-01-01,,
k,10,USD,month,2024-01-01,2024-02-01,canceled,surplus
l,10,USD,month,2024-01-01,2024-02-01,cancelled
`,
    );
    expect(done.rows).toEqual({ read: 14, imported: 2, rejected: 12, total: 14 });
    expect(
      (await errorsOf(t, orgId, done.id)).map(({ line, column, code, value }) => [line, column, code, value]),
    ).toEqual([
      [3, "customer_id", "missing_value", ""],
      [4, "amount", "number_invalid", "ten"],
      [5, "currency", "currency_unknown", "XXY"],
      [6, "interval", "interval_unknown", "fortnight"],
      [7, "started_at", "date_invalid", "2024-02-30"],
      [8, "ended_at", "ends_before_start", "2024-01-01"],
      [9, "status", "canceled_without_end", "canceled"],
      [10, "status", "status_unknown", "frozen"],
      [11, "amount", "negative", "-5"],
      [12, "amount", "number_invalid", "1e400"],
      [13, "amount", "currency_mismatch", "€10"],
      [14, null, "extra_columns", "surplus"],
    ]);
    expect((await customers(orgId)).map(({ external_id }) => external_id)).toEqual(["l", "ok"]);
  });

  test("what a newer file says of a customer goes over the older, and comes off again with its undo", async () => {
    const orgId = await createTestOrganisation(t.app, "Fold");
    await upload(
      t,
      orgId,
      "customer_id,customer_name,country,amount,started_at,level\nc,Old,DE,10,2024-01-01,a\n",
    );
    const newer = await upload(
      t,
      orgId,
      "customer_id,name,email,signup_at,level,extra\nc,New,c@example.com,2023-12-24,,x\nd,Other,,,,\n",
    );
    expect(newer.kind).toBe("customers");
    expect(await customers(orgId)).toMatchObject([
      {
        external_id: "c",
        name: "New",
        country: "DE",
        email: "c@example.com",
        signup_day: "2023-12-24",
        attributes: { level: "a", extra: "x" },
      },
      { external_id: "d", name: "Other" },
    ]);
    await undo(t, orgId, newer.id);
    expect(await customers(orgId)).toEqual([
      {
        external_id: "c",
        name: "Old",
        country: "DE",
        email: null,
        signup_day: null,
        attributes: { level: "a" },
      },
    ]);
  });

  test("a column that some rows leave empty keeps its last word", async () => {
    const orgId = await createTestOrganisation(t.app, "Mixed");
    await upload(
      t,
      orgId,
      `customer_id,customer_name,country,amount,started_at
c,First,DE,10,2024-01-01
c,Second,,10,2024-02-01
c,,,10,2024-03-01
`,
    );
    expect(await customers(orgId)).toMatchObject([{ name: "Second", country: "DE" }]);
  });

  test("text is kept as given: spaces, quotes, backslashes, tabs, names that look like NULL", async () => {
    const orgId = await createTestOrganisation(t.app, "Text");
    const name = ' =1+1 \\N "q"\t\\ ';
    await upload(
      t,
      orgId,
      `customer_id,customer_name,plan,amount,started_at
" x ","${name.replaceAll('"', '""')}",\\.,10,2024-01-01
y,NULL,null,10,2024-01-01
z,"a
b",'q,10,2024-01-01
`,
    );
    expect((await customers(orgId)).map(({ external_id, name }) => [external_id, name])).toEqual([
      [" x ", name],
      ["y", "NULL"],
      ["z", "a\nb"],
    ]);
    expect((await versions(orgId)).map(({ plan }) => plan)).toEqual(["\\.", "null", "'q"]);
  });
});
