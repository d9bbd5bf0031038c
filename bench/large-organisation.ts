import postgres from "postgres";
import { ensureDatabase } from "#db/embedded.ts";
import type { Figure } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { type SeparateRoles, startSeparateRoles } from "./separate-roles.ts";

/** An organisation of the size asked for, in the started product, its slices built. */
export interface LargeOrganisation {
  id: string;
  token: string;
  /** As superuser: peers read the same tables without the tenant wall. */
  sql: postgres.Sql;
  movements: number;
  end(): Promise<void>;
}

/** Measures in a started product, which keeps no answers, with an organisation of `rows` customers: a million if nothing is said. */
export async function withLargeOrganisation(
  options: BenchOptions,
  measure: (product: SeparateRoles, org: LargeOrganisation, options: BenchOptions) => Promise<Figure[]>,
): Promise<Figure[]> {
  const product = await startSeparateRoles(options.note, { answersKept: 0 });
  try {
    const org = await loadLargeOrganisation(product, options.rows ?? 1_000_000, options.note);
    const figures = await measure(product, org, options);
    await org.end();
    return figures;
  } finally {
    await product.stop();
  }
}

/** Loads the demo of `customers`; minutes for a million. */
async function loadLargeOrganisation(
  product: SeparateRoles,
  customers: number,
  note: (text: string) => void,
): Promise<LargeOrganisation> {
  const began = performance.now();
  note(await product.cli("demo", "--customers", String(customers)));
  note(`loaded in ${seconds(began)} s`);
  const sql = postgres(await ensureDatabase(product.cluster, "jarvis360"), {
    max: 1,
    onnotice: () => {},
    connection: { search_path: "app" },
  });
  const [org] = await sql<{ id: string; name: string }[]>`
    SELECT id, name FROM organisation ORDER BY metrics_version DESC LIMIT 1`;
  if (!org) throw new Error("the demo made no organisation");
  const building = performance.now();
  while (!(await areSlicesBuilt(sql, org.id))) await new Promise((done) => setTimeout(done, 200));
  note(`slices built ${seconds(building)} s later`);
  const [size] = await sql<{ movements: number }[]>`
    SELECT count(*)::int AS movements FROM movement WHERE org_id = ${org.id}`;
  note(`${size?.movements} movements`);
  const printed = await product.cli("token", "create", "--org", org.name, "--email", "bench@example.com");
  return {
    id: org.id,
    token: printed.split("\n")[0] ?? "",
    sql,
    movements: size?.movements ?? 0,
    end: () => sql.end(),
  };
}

/** Until a job has made all sums that were asked for. */
export async function untilSumsKept(sql: postgres.Sql, id: string): Promise<void> {
  for (;;) {
    const missing = await sql`SELECT FROM app.kept_sums WHERE org_id = ${id} AND slices IS NULL`;
    if (missing.length === 0) return;
    await new Promise((done) => setTimeout(done, 200));
  }
}

async function areSlicesBuilt(sql: postgres.Sql, id: string): Promise<boolean> {
  const [row] = await sql<
    { built: boolean }[]
  >`SELECT slices_built AS built FROM organisation WHERE id = ${id}`;
  return row?.built === true;
}

export const seconds = (since: number): string => ((performance.now() - since) / 1_000).toFixed(1);
