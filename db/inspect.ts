import pg from "pg";
import { listMigrations } from "./migrate.ts";
import { roles } from "./roles.ts";

export interface Finding {
  ok: boolean;
  text: string;
}

const oldestVersion = 150_000;

/** What `doctor` says of a database: reachable, of this version, walled, and with a queue that moves. */
export async function inspectDatabase(url: string): Promise<Finding[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    return [{ ok: false, text: `The database cannot be reached: ${(error as Error).message}` }];
  }
  const one = async <Row extends pg.QueryResultRow>(query: string, values: unknown[] = []): Promise<Row> => {
    const { rows } = await client.query<Row>(query, values);
    return rows[0]!;
  };
  try {
    const server = await one<{ number: number; name: string }>(
      "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name",
    );
    const findings: Finding[] = [
      {
        ok: server.number >= oldestVersion,
        text: `Postgres ${server.name}${server.number >= oldestVersion ? "" : ": 15 or newer is needed"}`,
      },
    ];
    const { known } = await one<{ known: boolean }>(
      "SELECT to_regclass('migrations.applied') IS NOT NULL AS known",
    );
    if (!known) return [...findings, { ok: false, text: "The database is empty: run migrate, or start" }];
    return [...findings, await schema(one), await roleRights(one), await wall(one), await queue(one)];
  } finally {
    await client.end();
  }
}

type One = <Row extends pg.QueryResultRow>(query: string, values?: unknown[]) => Promise<Row>;

async function schema(one: One): Promise<Finding> {
  const files = await listMigrations();
  const { waiting, unknown } = await one<{ waiting: string[]; unknown: string[] }>(
    `SELECT ARRAY(SELECT unnest($1::text[]) EXCEPT SELECT name FROM migrations.applied) AS waiting,
            ARRAY(SELECT name FROM migrations.applied EXCEPT SELECT unnest($1::text[])) AS unknown`,
    [files],
  );
  if (unknown.length > 0)
    return { ok: false, text: `The database is of a newer version (${unknown.join(", ")})` };
  if (waiting.length > 0)
    return { ok: false, text: `The database misses ${waiting.join(", ")}: run migrate` };
  return { ok: true, text: `The schema is of this version (${files.length} migrations)` };
}

async function roleRights(one: One): Promise<Finding> {
  const { bad } = await one<{ bad: string[] }>(
    `SELECT ARRAY(
       SELECT name FROM unnest($1::text[]) AS name LEFT JOIN pg_roles r ON r.rolname = name
       WHERE r.oid IS NULL OR r.rolsuper OR r.rolbypassrls <> (name = 'jarvis_maint')) AS bad`,
    [[...roles]],
  );
  return {
    ok: bad.length === 0,
    text:
      bad.length === 0
        ? "The roles have the rights they should"
        : `Roles with wrong rights: ${bad.join(", ")}`,
  };
}

async function wall(one: One): Promise<Finding> {
  const { bad, count } = await one<{ bad: string[]; count: number }>(
    `WITH tenant AS (
       SELECT c.* FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
       WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'session')
     SELECT (SELECT count(*)::int FROM tenant) AS count, ARRAY(
       SELECT relname::text FROM tenant WHERE NOT (relrowsecurity AND relforcerowsecurity)
         OR NOT EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = 'app' AND p.tablename = relname)) AS bad`,
  );
  return {
    ok: bad.length === 0,
    text:
      bad.length === 0
        ? `All ${count} tables of organisations are walled off from each other`
        : `Tables without the tenant wall: ${bad.join(", ")}`,
  };
}

async function queue(one: One): Promise<Finding> {
  const { waiting, late, failed } = await one<{ waiting: number; late: number; failed: number }>(
    `SELECT count(*) FILTER (WHERE attempts < max_attempts)::int AS waiting,
       count(*) FILTER (WHERE attempts < max_attempts AND locked_at IS NULL AND run_at < now() - interval '15 minutes')::int AS late,
       count(*) FILTER (WHERE attempts >= max_attempts AND locked_at IS NULL)::int AS failed
     FROM graphile_worker._private_jobs`,
  );
  if (late > 0)
    return { ok: false, text: `${late} jobs have been due for a quarter of an hour: is a worker running?` };
  if (failed > 0) return { ok: false, text: `${failed} jobs failed for good: the log says why` };
  return { ok: true, text: `The queue moves (${waiting} jobs waiting)` };
}
