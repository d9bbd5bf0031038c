import { sql } from "drizzle-orm";
import { createDatabase, type Database, type OrgTx } from "#db/database.ts";
import { foldSums } from "#db/queries/fold-sums.ts";
import { rebuildMetrics } from "#db/queries/rebuild.ts";
import { buildMissingSlices, refreshCustomers } from "#db/queries/refresh.ts";
import { type Figure, figureOf } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import {
  type LargeOrganisation,
  seconds,
  untilSumsKept,
  withLargeOrganisation,
} from "./large-organisation.ts";
import type { SeparateRoles } from "./separate-roles.ts";

const changed = 100;
const statementMs = 30 * 60_000;

/** Which of the prices that a customer ever paid become others. */
type Extent = "running" | "history";

/**
 * After other prices of 100 customers among a million: until ledger, rollups and slices are right and committed, beside making
 * all of them afresh. Every change is taken back again, a change like any other, and must leave what the rebuild at the beginning
 * had made, every row of every table. `--only refresh` leaves out the second rebuild, which what is changed is compared to.
 */
export const benchRefresh = (options: BenchOptions): Promise<Figure[]> =>
  withLargeOrganisation(options, measureRefresh);

export async function measureRefresh(
  product: SeparateRoles,
  org: LargeOrganisation,
  { runs, only, note }: BenchOptions,
): Promise<Figure[]> {
  const db = createDatabase({ url: product.databaseUrl, role: "jarvis_worker", max: 2, statementMs });
  try {
    const made = await db.withOrg(org.id, fingerprints);
    const running = await changeAndTakeBack(db, org.id, { runs: runs ?? 20, extent: "running", note });
    const history = await changeAndTakeBack(db, org.id, { runs: runs ?? 20, extent: "history", note });
    const folded = await untilFolded(db, org.id);
    compare(made, await db.withOrg(org.id, fingerprints));
    note("what was changed and taken back is what the rebuild had made");
    const rebuilt = only?.split(",").includes("refresh") ? null : await rebuildChanged(db, org, note);

    return [
      ...(rebuilt === null
        ? []
        : [
            figureOf({
              bench: "refresh",
              figure: "incremental_vs_rebuild",
              unit: "s",
              runs: history,
              peer: { name: "a full rebuild", runs: [rebuilt] },
              goal: { text: "≥ 1,000 × faster", isMet: ({ ratio }) => ratio <= 1 / 1_000 },
            }),
          ]),
      figureOf({
        bench: "refresh",
        figure: "refresh_p95_ms",
        unit: "ms",
        runs: [p95(history)],
        goal: { text: "≤ 200 ms", isMet: ({ ours }) => ours <= 200 },
      }),
      figureOf({ bench: "refresh", figure: "refresh_running_p95_ms", unit: "ms", runs: [p95(running)] }),
      figureOf({ bench: "refresh", figure: "refresh_folded_s", unit: "s", runs: [folded] }),
    ];
  } finally {
    await db.close();
  }
}

const p95 = (took: readonly number[]): number =>
  (took.toSorted((a, b) => a - b)[Math.ceil(took.length * 0.95) - 1] ?? 0) * 1_000;

function compare(made: Record<string, string>, kept: Record<string, string>): void {
  for (const [table, print] of Object.entries(made))
    if (kept[table] !== print) throw new Error(`${table}: a refresh left something else than a rebuild`);
}

/** @returns seconds of making everything afresh, after a change; what the refresh left is compared to it */
async function rebuildChanged(
  db: Database,
  { id: orgId, sql: admin }: LargeOrganisation,
  note: (text: string) => void,
): Promise<number> {
  for (let run = 0; run < 3; run += 1)
    await changePrices(db, orgId, await pricesOf(db, orgId, run, "history"));
  const kept = await db.withOrg(orgId, fingerprints);
  const began = performance.now();
  await db.withOrg(orgId, (tx) => rebuildMetrics(tx, { cause: "bench", actorId: null }));
  await untilSlices(db, orgId);
  await untilSumsKept(admin, orgId);
  note(`rebuilt in ${seconds(began)} s`);
  const rebuilt = (performance.now() - began) / 1_000;
  compare(await db.withOrg(orgId, fingerprints), kept);
  note("what the refreshes left is what the rebuild made");
  return rebuilt;
}

/** @returns seconds of every refresh, of changes and of taking them back */
async function changeAndTakeBack(
  db: Database,
  orgId: string,
  { runs, extent, note }: { runs: number; extent: Extent; note: (text: string) => void },
): Promise<number[]> {
  const took: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const prices = await pricesOf(db, orgId, run, extent);
    took.push(await changePrices(db, orgId, prices));
    took.push(
      await changePrices(
        db,
        orgId,
        prices.map(({ to, from, ...price }) => ({ ...price, from: to, to: from })),
      ),
    );
  }
  note(`refreshed (${extent}): ${took.map((one) => Math.round(one * 1_000)).join(", ")} ms`);
  return took;
}

/** What a version costs per year, and is to cost. */
interface Price extends Record<string, unknown> {
  customer: string;
  id: string;
  from: string;
  to: string;
}

/** Other prices of a hundred customers: of what they pay for now, or of all that they ever paid for. */
const pricesOf = (db: Database, orgId: string, run: number, extent: Extent): Promise<Price[]> =>
  db.withOrg(orgId, (tx) =>
    tx.rows<Price>(sql`
      SELECT v.customer_id AS customer, v.id, v.annual AS from, v.annual * 1.1 AS to
      FROM subscription_version v WHERE v.org_id = ${tx.orgId} ${extent === "running" ? sql`AND v.to_day IS NULL` : sql``}
        AND v.customer_id = ANY (ARRAY(SELECT id FROM customer WHERE org_id = ${tx.orgId}
          AND id >= (SELECT min(id) + (max(id) - min(id)) * ${((run * 37) % 100) / 100}::float8 FROM customer WHERE org_id = ${tx.orgId})
          ORDER BY id LIMIT ${changed}))`),
  );

/** @returns seconds until the refresh is committed, the change itself left out */
async function changePrices(db: Database, orgId: string, prices: readonly Price[]): Promise<number> {
  let began = 0;
  await db.withOrg(orgId, async (tx) => {
    await tx.rows(sql`CREATE TEMP TABLE bench_touched ON COMMIT DROP AS SELECT DISTINCT customer AS customer_id
      FROM jsonb_to_recordset(${JSON.stringify(prices)}::jsonb) AS p (customer bigint)`);
    await tx.rows(sql`UPDATE subscription_version v SET annual = p.to
      FROM jsonb_to_recordset(${JSON.stringify(prices)}::jsonb) AS p (customer bigint, id bigint, "to" numeric)
      WHERE v.org_id = ${tx.orgId} AND v.customer_id = p.customer AND v.id = p.id`);
    began = performance.now();
    const { full } = await refreshCustomers(tx, {
      touched: sql`bench_touched`,
      cause: "bench",
      rows: changed,
    });
    if (full) throw new Error("everything was made afresh");
  });
  return (performance.now() - began) / 1_000;
}

const foldedWithinSeconds = 120;

/** @returns seconds until the started worker has folded everything */
async function untilFolded(db: Database, orgId: string): Promise<number> {
  const began = performance.now();
  const isPending = () =>
    db.withOrg(orgId, (tx) => tx.rows(sql`SELECT FROM pending_sums WHERE org_id = ${tx.orgId} LIMIT 1`));
  const took = () => (performance.now() - began) / 1_000;
  while ((await isPending()).length > 0) {
    if (took() > foldedWithinSeconds) throw new Error("nobody folds what is pending: does a worker run?");
    await new Promise((done) => setTimeout(done, 20));
  }
  return took();
}

/** A rebuild leaves the slices of many customers to a job, which the started worker may take first. */
async function untilSlices(db: Database, orgId: string): Promise<void> {
  await db.withOrg(orgId, buildMissingSlices, { statementMs }).catch((error: unknown) => {
    if (!String(error).includes("duplicate key")) throw error;
  });
}

/** What a refresh writes: columns that say the same after a rebuild, and whether rows are of slices, whose ids do not. */
const written: Record<string, { columns: string; sliced: boolean }> = {
  movement: {
    columns:
      "customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause, recent",
    sliced: false,
  },
  movement_part: {
    columns:
      "customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause, recent",
    sliced: true,
  },
  slice_member: { columns: "customer_id", sliced: true },
  day_rollup: {
    columns:
      "day, new_annual, expansion_annual, reactivation_annual, contraction_annual, churn_annual, fx_annual, new_customers, reactivated_customers, churned_customers, rows",
    sliced: true,
  },
  month_rollup: {
    columns:
      "day, new_customers, churned_customers, lost_annual, lost_customers, flash_customers, flash_new_annual, flash_expansion_annual, flash_reactivation_annual, flash_contraction_annual, flash_churn_annual, flash_fx_annual",
    sliced: true,
  },
  level_rollup: { columns: "day, then_annual, then_customers, kept_annual, floor_annual", sliced: true },
  cohort_rollup: {
    columns: "cohort, day, customers, net_annual, gross_annual, left_customers",
    sliced: true,
  },
  cohort_size: { columns: "cohort, customers, initial_annual", sliced: true },
};

/** How many rows each table has, and the sum of their hashes, once nothing is pending. */
async function fingerprints(tx: OrgTx): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await foldSums(tx);
  for (const [table, { columns, sliced }] of Object.entries(written)) {
    const [row] = await tx.rows<{ print: string }>(sql`
      SELECT count(*) || ' ' || coalesce(sum(hash_record_extended(ROW(${sql.raw(columns)}${sliced ? sql`, s.key, s.value, k.filter, k.grain` : sql``}), 0)::numeric), 0) AS print
      FROM ${sql.identifier(table)} t ${
        sliced
          ? sql`LEFT JOIN slice s ON s.org_id = ${tx.orgId} AND s.id = t.slice
        LEFT JOIN kept_sums k ON k.org_id = ${tx.orgId} AND k.id = t.slice`
          : sql``
      }
      WHERE t.org_id = ${tx.orgId}`);
    found[table] = row?.print ?? "";
  }
  return found;
}
