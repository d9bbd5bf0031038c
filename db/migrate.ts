import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { runMigrations } from "graphile-worker";
import pg from "pg";
import { ensureRoles } from "./roles.ts";

const ownFolder = new URL("./migrations/", import.meta.url);
/** Two processes that start together migrate one after the other. */
const lockKey = 360_001;

/**
 * Brings a database to the newest schema: roles, graphile-worker's own schema, then every SQL file of db/migrations
 * that has not run, each in a transaction of its own. Forward only; a file that has run must not change.
 * @param upTo the last file to run, for a backup of an older version; all of them without it
 * @returns the names of the files that ran now
 */
export async function migrate(url: string, folder: URL = ownFolder, upTo = "~"): Promise<string[]> {
  await ensureRoles(url);
  const pool = rolePool(url, "jarvis_queue");
  await runMigrations({ pgPool: pool });
  await pool.end();

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SET ROLE jarvis_owner");
    await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
    await client.query("SET lock_timeout = '10s'");
    await client.query(
      `CREATE SCHEMA IF NOT EXISTS migrations;
       CREATE TABLE IF NOT EXISTS migrations.applied (name text PRIMARY KEY, sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
    );
    const { rows } = await client.query<{ name: string; sha256: string }>(
      "SELECT name, sha256 FROM migrations.applied",
    );
    const applied = new Map(rows.map((row) => [row.name, row.sha256]));
    const ran: string[] = [];
    for (const name of await listMigrations(folder)) {
      if (name > upTo) break;
      const text = await readFile(new URL(name, folder), "utf8");
      const sha256 = createHash("sha256").update(text).digest("hex");
      const before = applied.get(name);
      if (before === sha256) continue;
      if (before) throw new Error(`Migration ${name} has changed since it ran on this database`);
      // a file may take another role (SET LOCAL ROLE) for its own transaction
      await client.query("BEGIN");
      try {
        await client.query(text);
        await client.query("RESET search_path");
        await client.query("SET LOCAL ROLE jarvis_owner");
        await client.query("INSERT INTO migrations.applied (name, sha256) VALUES ($1, $2)", [name, sha256]);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK");
        throw new Error(`Migration ${name} failed`, { cause: error });
      }
      ran.push(name);
    }
    return ran;
  } finally {
    await client.end();
  }
}

/** Names of the migrations, in order. */
export const listMigrations = async (folder: URL = ownFolder): Promise<string[]> =>
  (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();

function rolePool(url: string, role: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on("connect", (client) => {
    client.on("error", () => {});
    void client.query(`SET ROLE ${role}`);
  });
  pool.on("error", () => {});
  return pool;
}
