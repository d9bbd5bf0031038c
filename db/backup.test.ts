import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { backUp, restore } from "./backup.ts";
import { requireKeys } from "./check-keys.ts";
import { createDatabase } from "./database.ts";
import { enqueueJob } from "./jobs.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let t: TestDatabase;
let home: string;
let file: string;
const made: string[] = [];

async function ask<Row extends pg.QueryResultRow>(url: string, query: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(query)).rows;
  } finally {
    await client.end();
  }
}

async function emptyDatabase(): Promise<string> {
  const name = `restored_${randomBytes(6).toString("hex")}`;
  made.push(name);
  await ask(inject("clusterUrl"), `CREATE DATABASE ${name}`);
  const url = new URL(inject("clusterUrl"));
  url.pathname = `/${name}`;
  return url.href;
}

/** Every table's number of rows and a hash over all of them. */
async function contents(url: string): Promise<Record<string, string>> {
  const tables = await ask<{ name: string }>(
    url,
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' ORDER BY 1",
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await ask<{ n: string; hash: string }>(
      url,
      `SELECT count(*) AS n, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS hash FROM app."${name}" AS t`,
    );
    found[name] = `${row!.n} rows, ${row!.hash}`;
  }
  return found;
}

const wall = `SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text,
    (SELECT count(*)::int FROM pg_policies p WHERE p.schemaname = 'app' AND p.tablename = c.relname) AS policies
  FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' ORDER BY 1`;

beforeAll(async () => {
  t = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), "jarvis360-backup-"));
  file = join(home, "all.backup");
  for (const orgId of [t.orgA, t.orgB])
    await t.app.withOrg(orgId, async (tx) => {
      await tx.rows(sql`INSERT INTO customer (org_id, external_id, name, attributes)
        SELECT ${orgId}::uuid, 'c' || n, E'tab\tline\nback\\slash \\. ü 漢 ' || n, '{"a": "x\\ny"}' FROM generate_series(1, 500) AS n`);
      await tx.rows(
        sql`INSERT INTO upload (org_id, id, file_name, status) VALUES (${orgId}, ${orgId}, 'a.csv', 'done')`,
      );
      await tx.rows(sql`INSERT INTO upload_chunk (org_id, upload_id, seq, data)
        VALUES (${orgId}, ${orgId}, 0, decode(repeat('00ff0a5c', 100000), 'hex'))`);
      await tx.rows(
        sql`INSERT INTO data_key (org_id, id, kid, wrapped) VALUES (${orgId}, 'd', 'key1', 'v1.key1.x.y.z')`,
      );
      await enqueueJob(tx, "loadDemo", { orgId, customers: 7 }, { key: `k\\"${orgId}` });
    });
});
afterAll(async () => {
  await t.close();
  for (const name of made) await ask(inject("clusterUrl"), `DROP DATABASE ${name} WITH (FORCE)`);
  await rm(home, { recursive: true, force: true });
});

describe("backup and restore", () => {
  test("bring every row back, with the tenant wall, the sequences and the waiting jobs", async () => {
    const written = await backUp(t.url, file);
    expect(written.rows.get("customer")).toBe(1_000);
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const url = await emptyDatabase();
    const restored = await restore(url, file);
    expect(restored.keyIds).toEqual(["key1"]);
    // the keys are not in it: without them a start says which are missing
    const keyless = { NODE_ENV: "test" as const, SECRET_KEYS: null, DATA_DIR: home };
    await expect(requireKeys(keyless, url)).rejects.toThrow(/sealed with the key key1, which is not there/);
    expect(restored.rows).toEqual(written.rows);
    expect(await contents(url)).toEqual(await contents(t.url));
    expect(await ask(url, wall)).toEqual(await ask(t.url, wall));

    const app = createDatabase({ url, role: "jarvis_app" });
    const seen = await app.withOrg(t.orgA, (tx) => tx.rows(sql`SELECT DISTINCT org_id FROM customer`));
    expect(seen).toEqual([{ org_id: t.orgA }]);
    const next = await app.withOrg(t.orgA, (tx) =>
      tx.rows<{ id: string }>(
        sql`INSERT INTO customer (org_id, external_id) VALUES (${t.orgA}, 'later') RETURNING id::text`,
      ),
    );
    expect(Number(next[0]!.id)).toBe(1_001);
    await app.close();

    const jobs = "SELECT payload::text, key, run_at FROM graphile_worker._private_jobs ORDER BY key";
    expect(await ask(url, jobs)).toEqual(await ask(t.url, jobs));
  });

  test("a database that is in use is not overwritten", async () => {
    await expect(restore(t.url, file)).rejects.toThrow("not empty");
  });

  test("a file that is cut off restores nothing", async () => {
    const cut = join(home, "cut.backup");
    await writeFile(cut, await readFile(file));
    await truncate(cut, Math.floor((await stat(file)).size * 0.8));
    const url = await emptyDatabase();
    await expect(restore(url, cut)).rejects.toThrow(/damaged|cut off/);
    const [people] = await ask<{ n: string }>(url, "SELECT count(*) AS n FROM app.customer");
    expect(people!.n).toBe("0");
    await restore(url, file);
  });

  test("a file that is something else is refused", async () => {
    const other = join(home, "other.backup");
    await writeFile(other, "customer_id,mrr\n1,2\n");
    await expect(restore(await emptyDatabase(), other)).rejects.toThrow("not a backup");
    await expect(restore(await emptyDatabase(), join(home, "none.backup"))).rejects.toThrow("ENOENT");
  });
});
