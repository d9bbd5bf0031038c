import pg from "pg";

/** Seconds that inserting an organisation's subscription versions takes, under different guards. */
export interface WallCosts {
  /** No policy, no foreign key. */
  bare: number;
  withPolicy: number;
  withForeignKeys: number;
}

/**
 * Inserts the versions of an import once more, into copies of their table: bare, with row-level security, and with
 * the composite foreign keys. Everything is rolled back.
 */
export async function measureWall(url: string, orgId: string): Promise<WallCosts> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("BEGIN; SET LOCAL search_path = app; SET LOCAL jit = off");
    await client.query("SET LOCAL work_mem = '128MB'");
    for (const name of ["bare", "walled", "keyed"])
      await client.query(`CREATE TABLE bench_${name} (LIKE subscription_version INCLUDING ALL)`);
    await client.query(`
      ALTER TABLE bench_walled ENABLE ROW LEVEL SECURITY;
      ALTER TABLE bench_walled FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON bench_walled
        USING (org_id = (SELECT nullif(current_setting('app.org_id', true), ''))::uuid)
        WITH CHECK (org_id = (SELECT nullif(current_setting('app.org_id', true), ''))::uuid);
      GRANT SELECT, INSERT ON bench_bare, bench_walled, bench_keyed TO jarvis_worker;
      ALTER TABLE bench_keyed
        ADD FOREIGN KEY (org_id, customer_id) REFERENCES customer (org_id, id),
        ADD FOREIGN KEY (org_id, upload_id) REFERENCES upload (org_id, id)`);
    await client.query("CREATE TEMP TABLE given AS SELECT * FROM subscription_version WHERE org_id = $1", [
      orgId,
    ]);
    await client.query("GRANT SELECT ON given TO jarvis_worker");
    await client.query(`SET LOCAL ROLE jarvis_worker; SET LOCAL app.org_id = '${orgId}'`);
    const insert = async (name: string): Promise<number> => {
      const began = performance.now();
      await client.query(`INSERT INTO bench_${name} SELECT * FROM given`);
      await client.query("SET CONSTRAINTS ALL IMMEDIATE");
      return (performance.now() - began) / 1_000;
    };
    // the first insert pays for cold buffers
    await insert("bare");
    await client.query("RESET ROLE; TRUNCATE bench_bare; SET LOCAL ROLE jarvis_worker");
    const bare = await insert("bare");
    const withPolicy = await insert("walled");
    const withForeignKeys = await insert("keyed");
    return { bare, withPolicy, withForeignKeys };
  } finally {
    await client.query("ROLLBACK").catch(() => {});
    await client.end();
  }
}
