import pg from "pg";

/**
 * The database roles (docs/decisions/003-tenant-wall.md). Pools take theirs by SET ROLE at connect.
 * owner: DDL, never at run time · app, worker: bound by row-level security · queue: owns graphile_worker ·
 * maint: BYPASSRLS for migrations of data, backup and purge.
 */
export const roles = ["jarvis_owner", "jarvis_app", "jarvis_worker", "jarvis_queue", "jarvis_maint"] as const;
export type Role = (typeof roles)[number];

/** Creates the roles that are missing and lets the connecting login take each of them. Safe to run twice. */
export async function ensureRoles(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // two starts at once would change the same catalogue rows
    await client.query("SELECT pg_advisory_lock(360004)");
    const { rows } = await client.query<{ db: string; login: string }>(
      "SELECT current_database() AS db, current_user AS login",
    );
    const { db, login } = rows[0]!;
    for (const role of roles) {
      const bypass = role === "jarvis_maint" ? "BYPASSRLS" : "NOBYPASSRLS";
      await client.query(
        `DO $$ BEGIN CREATE ROLE ${role} NOLOGIN ${bypass}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
      );
      await client.query(`GRANT ${role} TO ${client.escapeIdentifier(login)}`);
    }
    const database = client.escapeIdentifier(db);
    await client.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    await client.query(`GRANT CREATE ON DATABASE ${database} TO jarvis_owner, jarvis_queue`);
    await client.query(`GRANT TEMPORARY ON DATABASE ${database} TO jarvis_worker, jarvis_app`);
  } finally {
    await client.end();
  }
}
