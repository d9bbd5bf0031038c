import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { metricNames } from "#contracts/analytics.ts";
import { getCohorts } from "#db/queries/cohorts.ts";
import { getComposition } from "#db/queries/composition.ts";
import { listCustomers } from "#db/queries/customers.ts";
import { getMetrics } from "#db/queries/metrics.ts";
import { listRestatementChanges } from "#db/queries/restatements.ts";
import { readLedger, readRollups } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { testMember } from "#server/testing.ts";
import { undo, upload } from "./testing.ts";

let t: TestDatabase;
let actorId: string;
let actor: string;
beforeAll(async () => {
  t = await createTestDatabase();
  ({ userId: actorId, email: actor } = await testMember(t, t.orgA, "editor"));
});
afterAll(() => t.close());

const id = fc.constantFrom("a", "b", "c", "d");
const month = fc.integer({ min: 1, max: 12 }).map((number) => String(number).padStart(2, "0"));
const day = fc.tuple(month, fc.constantFrom("01", "10", "28")).map(([m, d]) => `2025-${m}-${d}`);
const cents = fc.integer({ min: 1, max: 99_999 }).map((value) => (value / 100).toFixed(2));
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 5 });
const lines = (header: string) => (rows: readonly (readonly unknown[])[]) =>
  `${header}\n${rows.map((row) => row.join(",")).join("\n")}\n`;

const subscriptions = some(
  fc.record({
    id,
    sub: fc.constantFrom("1", "2"),
    plan: fc.constantFrom("Gold", "Silver", ""),
    amount: cents,
    currency: fc.constantFrom("USD", "USD", "EUR"),
    interval: fc.constantFrom("month", "year"),
    quantity: fc.integer({ min: 1, max: 9 }),
    start: day,
    end: fc.constantFrom("", "", "2026-01-15", "2026-03-01"),
  }),
).map((rows) =>
  lines("customer_id,subscription_id,plan,amount,currency,interval,quantity,started_at,ended_at")(
    rows.map((r) => [
      r.id,
      `s${r.id}${r.sub}`,
      r.plan,
      r.amount,
      r.currency,
      r.interval,
      r.quantity,
      r.start,
      r.end,
    ]),
  ),
);
const months = fc
  .uniqueArray(fc.record({ id, month, mrr: cents }), {
    minLength: 1,
    maxLength: 6,
    selector: (r) => `${r.id} ${r.month}`,
  })
  .map((rows) => lines("customer_id,month,mrr")(rows.map((r) => [r.id, `2025-${r.month}`, r.mrr])));
const rates = some(fc.record({ day, rate: fc.integer({ min: 5_000, max: 20_000 }) })).map((rows) =>
  lines("date,from,to,rate")(rows.map((r) => [r.day, "EUR", "USD", (r.rate / 10_000).toFixed(4)])),
);
const customers = some(fc.record({ id, day, size: fc.constantFrom("S", "L", "") })).map((rows) =>
  lines("customer_id,signup_at,company_size")(rows.map((r) => [r.id, r.day, r.size])),
);
const file = fc.oneof(
  { arbitrary: subscriptions, weight: 5 },
  { arbitrary: months, weight: 2 },
  { arbitrary: rates, weight: 2 },
  { arbitrary: customers, weight: 1 },
);
/** Months that are closed, so that the log has something to say. */
const paying = "customer_id,amount,started_at\nfirst,100,2025-01-01\nsecond,33.33,2025-06-15\n";

/** Every figure, to the last decimal. */
const figures = (orgId: string) =>
  t.app.withOrg(orgId, async (tx) => {
    const range = { grain: "month", from: "2025-01", to: "2026-04", filter: {} } as const;
    const { version: _, ...metrics } = await getMetrics(tx, { ...range, names: [...metricNames] });
    const cohorts = [];
    for (const measure of ["customers", "mrr_net", "mrr_gross"] as const) {
      const { version: __, ...found } = await getCohorts(tx, { grain: "month", measure, filter: {} });
      cohorts.push(found);
    }
    return {
      ledger: await readLedger(tx),
      rollups: await readRollups(tx),
      metrics,
      cohorts,
      composition: await getComposition(tx, { by: "plan", at: "2025-12-31", filter: {} }),
      customers: await listCustomers(tx, { sort: "customer_id", filter: {}, limit: 100 }),
    };
  });

const changes = async (orgId: string) =>
  (await t.app.withOrg(orgId, (tx) => listRestatementChanges(tx, { limit: 100 }))).items;

async function importAll(orgId: string, files: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of files) {
    const done = await upload(t, orgId, text);
    expect(done.status).toBe("done");
    ids.push(done.id);
  }
  return ids;
}

describe("the undo of an import", () => {
  test("restores every figure to the cent, and its entry in the log takes back what the import’s said", {
    timeout: 240_000,
  }, async () => {
    await importAll(t.orgB, [paying.replace("100", "777")]);
    const untouched = await figures(t.orgB);
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 3 }), file, async (before, text) => {
        const orgId = await createTestOrganisation(t.app, "Undoing");
        await importAll(orgId, [paying, ...before]);
        const [was, logged] = [await figures(orgId), (await changes(orgId)).length];
        const done = await upload(t, orgId, text);
        // the very same file again is the upload that is there
        if (done.status !== "done" || before.includes(text)) return;
        await undo(t, orgId, done.id, actorId);
        expect(await figures(orgId)).toEqual(was);

        const added = (await changes(orgId)).slice(0, -logged || undefined);
        if (added.length === 0) return;
        const [undone, imported] = added;
        expect(added).toHaveLength(2);
        expect([undone?.cause, imported?.cause]).toEqual(["undo", "upload"]);
        expect([undone?.upload?.id, imported?.upload?.id]).toEqual([done.id, done.id]);
        expect(undone?.actor).toBe(actor);
        expect(undone?.months.map((m) => [m.month, m.after_mrr, m.before_mrr])).toEqual(
          imported?.months.map((m) => [m.month, m.before_mrr, m.after_mrr]),
        );
      }),
      { numRuns: 4 },
    );
    expect(await figures(t.orgB)).toEqual(untouched);
    expect(await changes(t.orgB)).toEqual([]);
  });

  test("of one among others leaves what the others alone would have made", { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(file, { minLength: 2, maxLength: 4 }),
        fc.nat(3),
        async (files, place) => {
          const [withIt, without] = [
            await createTestOrganisation(t.app, "With"),
            await createTestOrganisation(t.app, "Without"),
          ];
          const gone = place % files.length;
          const ids = await importAll(withIt, [paying, ...files]);
          await undo(t, withIt, ids[gone + 1]!);
          await importAll(without, [paying, ...files.filter((_, nth) => nth !== gone)]);
          expect(await figures(withIt)).toEqual(await figures(without));
        },
      ),
      { numRuns: 3 },
    );
  });

  test("of the only file that knew an attribute leaves what the others alone would have made", async () => {
    const [withIt, without] = [
      await createTestOrganisation(t.app, "With"),
      await createTestOrganisation(t.app, "Without"),
    ];
    const [, known] = await importAll(withIt, [paying, "customer_id,company_size\nfirst,S\n"]);
    await undo(t, withIt, known!);
    await importAll(without, [paying]);
    expect(await figures(withIt)).toEqual(await figures(without));
  });
});
