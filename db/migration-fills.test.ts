import { readFile } from "node:fs/promises";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getAnalyticsSettings } from "./queries/analytics-settings.ts";
import { loadFacts, readRollups } from "./queries/testing-ledger.ts";
import { crowdedMonth, customers, policies, rates } from "./queries/testing-worlds.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

/** Migrations that add up anew what organisations have: what they find is as the version before left it. */
let t: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterAll(() => t.close());

/** Takes the schema back by `undo`, and runs a file as `migrate` does. */
async function runAgain(file: string, undo: string): Promise<void> {
  await admin.query(undo);
  const text = await readFile(new URL(`./migrations/${file}`, import.meta.url), "utf8");
  await admin.query("BEGIN; SET LOCAL ROLE jarvis_owner");
  await admin.query(text);
  await admin.query("RESET search_path; COMMIT");
}

const both = async () => [await t.app.withOrg(t.orgA, readRollups), await t.app.withOrg(t.orgB, readRollups)];

test("0016 looks up who has one of very many values, in every organisation that has slices, and forgets them with it", async () => {
  const people = Array.from({ length: 120 }, (_, i) => ({
    customerId: `c${i}`,
    attributes: { code: `x${i % 110}`, ...(i % 2 === 0 ? { size: "S" } : {}) },
  }));
  const states = people.map(({ customerId }) => ({
    ...{
      customerId,
      subscriptionId: "s",
      plan: "Gold",
      currency: "USD",
      interval: "month",
      source: "upload",
    },
    ...{ fromDay: "2025-01-01", toDay: null, annual: "12" },
  }));
  await loadFacts(t, t.orgA, { states, customers: people });
  await loadFacts(t, t.orgB, { states: states.slice(0, 105), customers: people.slice(0, 105) });
  const before = await both();
  expect(before.map(({ members }) => members?.length)).toEqual([120, 105]);
  await runAgain(
    "0016_refresh.sql",
    `DROP TRIGGER forget_slice_members ON app.organisation; DROP FUNCTION app.forget_slice_members; DROP TABLE app.slice_member`,
  );
  expect(await both()).toEqual(before);

  const { rows } = await admin
    .query<{ left: number }>(`BEGIN; DELETE FROM app.organisation WHERE id = '${t.orgB}'`)
    .then(() => admin.query("SELECT count(*)::int AS left FROM app.slice_member"));
  await admin.query("ROLLBACK");
  expect(rows).toEqual([{ left: 120 }]);
});

test("0017 finds what each day changes in the losses of its month, as it is kept from then on", async () => {
  const { today } = await t.app.withOrg(t.orgA, getAnalyticsSettings);
  await fc.assert(
    fc.asyncProperty(
      ...[crowdedMonth(`${today.slice(0, 8)}01`), rates, customers, policies],
      async (given, known, people, policy) => {
        await loadFacts(t, t.orgA, { states: given, rates: known, customers: people }, policy);
        await loadFacts(t, t.orgB, { states: given.slice(0, 5) });
        // slices that a job is still to build
        await t.worker.withOrg(t.orgB, (tx) =>
          tx.rows(sql`UPDATE organisation SET slices_built = false WHERE id = ${tx.orgId}`),
        );
        const before = await both();
        expect(before[0]?.months?.length).toBeGreaterThan(0);
        await runAgain("0017_loss_days.sql", byWholeMonths);
        expect(await both()).toEqual(before);
      },
    ),
    { numRuns: 4 },
  );
}, 60_000);

/** Until then a month held all that is known of it, on its first day. */
const columns = [
  "new_customers",
  "churned_customers",
  "lost_annual",
  "lost_customers",
  "flash_customers",
].concat(
  ["new", "expansion", "reactivation", "contraction", "churn", "fx"].map((kind) => `flash_${kind}_annual`),
);
const byWholeMonths = `
  CREATE INDEX movement_part_recent ON app.movement_part (org_id, day) WHERE recent;
  ALTER TABLE app.month_rollup RENAME COLUMN day TO month;
  CREATE TEMP TABLE whole_month AS SELECT org_id, slice, date_trunc('month', month)::date AS month,
    ${columns.map((name) => `sum(${name}) AS ${name}`).join(", ")} FROM app.month_rollup GROUP BY 1, 2, 3;
  DELETE FROM app.month_rollup;
  INSERT INTO app.month_rollup (org_id, slice, month, ${columns.join(", ")})
    SELECT * FROM whole_month WHERE (${columns.join(", ")}) <> (${columns.map(() => 0).join(", ")});
  DROP TABLE whole_month`;
