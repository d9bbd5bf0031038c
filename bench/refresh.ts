import { sql } from "drizzle-orm";
import { createDatabase, type Database, type OrgTx } from "#db/database.ts";
import { rebuildMetrics } from "#db/queries/rebuild.ts";
import { buildMissingSlices, refreshCustomers } from "#db/queries/refresh.ts";
import { type Figure, figureOf } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { loadLargeOrganisation, seconds } from "./large-organisation.ts";
import { startSeparateRoles } from "./separate-roles.ts";

const changed = 100;
const statementMs = 30 * 60_000;

/**
 * After another price of 100 customers' subscriptions among a million: until ledger, rollups and slices are right, beside
 * making all of them afresh; what both leave is compared to the last row.
 */
export async function benchRefresh({ runs, rows, note }: BenchOptions): Promise<Figure[]> {
  const product = await startSeparateRoles(note);
  const db = createDatabase({ url: product.databaseUrl, role: "jarvis_worker", max: 2, statementMs });
  try {
    const org = await loadLargeOrganisation(product, rows ?? 1_000_000, note);
    await org.end();
    const took: number[] = [];
    for (let run = 0; run < (runs ?? 20); run += 1) took.push(await changeSome(db, org.id, run));
    note(`refreshed: ${took.map((one) => Math.round(one * 1_000)).join(", ")} ms`);
    const kept = await db.withOrg(org.id, fingerprints);

    const began = performance.now();
    await db.withOrg(org.id, (tx) => rebuildMetrics(tx, { cause: "bench", actorId: null }));
    await untilSlices(db, org.id);
    const rebuilt = (performance.now() - began) / 1_000;
    note(`rebuilt in ${seconds(began)} s`);
    const made = await db.withOrg(org.id, fingerprints);
    for (const [table, print] of Object.entries(kept))
      if (made[table] !== print) throw new Error(`${table}: a refresh left something else than a rebuild`);
    note("what the refreshes left is what the rebuild made");

    const p95 = took.toSorted((a, b) => a - b)[Math.ceil(took.length * 0.95) - 1] ?? 0;
    return [
      figureOf({
        bench: "refresh",
        figure: "incremental_vs_rebuild",
        unit: "s",
        runs: took,
        peer: { name: "a full rebuild", runs: [rebuilt] },
        goal: { text: "≥ 1,000 × faster", isMet: ({ ratio }) => ratio <= 1 / 1_000 },
      }),
      figureOf({
        bench: "refresh",
        figure: "refresh_p95_ms",
        unit: "ms",
        runs: [p95 * 1_000],
        goal: { text: "≤ 200 ms", isMet: ({ ours }) => ours <= 200 },
      }),
    ];
  } finally {
    await db.close();
    await product.stop();
  }
}

/** Another price for every subscription of a hundred customers. @returns seconds, the change itself left out */
function changeSome(db: Database, orgId: string, run: number): Promise<number> {
  return db.withOrg(orgId, async (tx) => {
    await tx.rows(sql`CREATE TEMP TABLE bench_touched ON COMMIT DROP AS
      SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId}
        AND id >= (SELECT min(id) + (max(id) - min(id)) * ${((run * 37) % 100) / 100}::float8 FROM customer WHERE org_id = ${tx.orgId})
      ORDER BY id LIMIT ${changed}`);
    await tx.rows(sql`UPDATE subscription_version v SET annual = annual * 1.1 FROM bench_touched b
      WHERE v.org_id = ${tx.orgId} AND v.customer_id = b.customer_id`);
    const began = performance.now();
    const { full } = await refreshCustomers(tx, {
      touched: sql`bench_touched`,
      cause: "bench",
      rows: changed,
    });
    if (full) throw new Error("everything was made afresh");
    return (performance.now() - began) / 1_000;
  });
}

/** A rebuild leaves the slices of many customers to a job, which the started worker may take first. */
async function untilSlices(db: Database, orgId: string): Promise<void> {
  await db.withOrg(orgId, buildMissingSlices, { statementMs }).catch((error: unknown) => {
    if (!String(error).includes("duplicate key")) throw error;
  });
}

/** One number per table of what a refresh writes, whatever the ids of slices are. */
async function fingerprints(tx: OrgTx): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const tables = [
    "day_rollup",
    "month_rollup",
    "level_rollup",
    "cohort_rollup",
    "cohort_size",
    "movement_part",
    "movement",
  ];
  for (const table of tables) {
    const sliced = table !== "movement";
    const [row] = await tx.rows<{ print: string }>(sql`
      SELECT count(*) || ' ' || coalesce(sum(hashtextextended((to_jsonb(t) - 'org_id' - 'slice')::text
        || coalesce(${sliced ? sql`s.key || '=' || s.value` : sql`''`}, ''), 0)::numeric), 0) AS print
      FROM ${sql.identifier(table)} t ${sliced ? sql`LEFT JOIN slice s ON s.org_id = ${tx.orgId} AND s.id = t.slice` : sql``}
      WHERE t.org_id = ${tx.orgId}`);
    found[table] = row?.print ?? "";
  }
  return found;
}
