import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

/**
 * Proven from the catalogue, so that a new table is covered the day it is made: security.md §2 and row 54.
 */
let t: TestDatabase;
let admin: pg.Client;
let tables: string[];

beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
  tables = await column(`
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relname NOT IN ('organisation', 'user', 'session') ORDER BY 1`);
  await seedEveryTable();
});
afterAll(() => t.close());

describe("every table but organisation, user and session", () => {
  test("there are such tables", () => expect(tables.length).toBeGreaterThan(15));

  test("has an organisation, never null", async () => {
    expect(
      await column(`SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY($1)
          AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id'
            AND a.attnotnull AND a.atttypid = 'uuid'::regtype)`),
    ).toEqual([]);
  });

  test("has row-level security, forced on its owner too", async () => {
    expect(
      await column(`SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relname = ANY($1)
        AND NOT (relrowsecurity AND relforcerowsecurity)`),
    ).toEqual([]);
  });

  test("has a policy for all four verbs that names the organisation on the way in and out", async () => {
    expect(
      await column(`SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (
        SELECT FROM pg_policies p WHERE p.schemaname = 'app' AND p.tablename = name AND p.cmd = 'ALL'
          AND p.qual LIKE '%app.org_id%' AND p.with_check LIKE '%app.org_id%')`),
    ).toEqual([]);
  });

  // An id was made of the setting's text for every row that a refresh looked up or wrote.
  test("has a policy that makes the organisation's id once per statement, and not for every row", async () => {
    expect(
      await column(`SELECT tablename FROM pg_policies WHERE schemaname = 'app' AND policyname = 'tenant' AND tablename = ANY($1)
        AND (qual NOT LIKE '%::text))::uuid AS%' OR with_check NOT LIKE '%::text))::uuid AS%')`),
    ).toEqual([]);
  });

  test("can be distributed by organisation: every key starts with org_id", async () => {
    expect(
      await column(`SELECT con.conname FROM pg_constraint con
        JOIN pg_class c ON c.oid = con.conrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = con.conkey[1]
        WHERE c.relnamespace = 'app'::regnamespace AND c.relname = ANY($1) AND con.contype IN ('p', 'u', 'f')
          AND a.attname <> 'org_id'
          -- people and organisations are the same on every node (reference tables)
          AND NOT (con.contype = 'f' AND con.confrelid IN ('app.organisation'::regclass, 'app."user"'::regclass))`),
    ).toEqual([]);
    expect(
      await column(`SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE c.relnamespace = 'app'::regnamespace AND c.relname = ANY($1) AND i.indisunique AND a.attname <> 'org_id'`),
    ).toEqual([]);
  });

  test("grants nothing to PUBLIC, and nothing but rows to the roles of the product", async () => {
    expect(
      await column(`SELECT DISTINCT table_name || ' ' || grantee || ' ' || privilege_type
        FROM information_schema.role_table_grants WHERE table_schema = 'app' AND table_name = ANY($1)
          AND (grantee = 'PUBLIC' OR (grantee LIKE 'jarvis\\_%' AND grantee <> 'jarvis_owner'
            AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')))`),
    ).toEqual([]);
  });

  test("belongs to none of the roles that serve requests", async () => {
    expect(
      await column(`SELECT tablename || ' ' || tableowner FROM pg_tables
        WHERE schemaname IN ('app', 'jobs', 'graphile_worker') AND tableowner IN ('jarvis_app', 'jarvis_worker', 'jarvis_maint')
          AND ($1::text[] IS NOT NULL)`),
    ).toEqual([]);
  });

  for (const role of ["app", "worker"] as const) {
    test(`shows ${role} nothing without an organisation, on a fresh connection and on a used one`, async () => {
      for (const used of [false, true]) {
        if (used) await t[role].withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1`));
        for (const table of tables)
          expect(
            await t[role].withInstance((tx) => tx.rows(sql`SELECT 1 FROM ${sql.identifier(table)}`)),
            table,
          ).toEqual([]);
      }
    });

    test(`keeps organisation A out of B's rows for ${role}, with all four verbs`, async () => {
      for (const table of tables) {
        const name = sql.identifier(table);
        const inA = <T>(query: ReturnType<typeof sql>) =>
          t[role].withOrg(t.orgA, (tx) => tx.rows<{ n: T }>(query));
        const own = await inA<string>(sql`SELECT count(*) AS n FROM ${name}`);
        expect(Number(own[0]?.n), `${table}: A's own rows`).toBeGreaterThan(0);
        expect(
          await inA(sql`SELECT 1 AS n FROM ${name} WHERE org_id = ${t.orgB}`),
          `${table}: select`,
        ).toEqual([]);
        await rejectsOrTouchesNothing(table, () =>
          inA(
            sql`WITH hit AS (UPDATE ${name} SET org_id = org_id WHERE org_id = ${t.orgB} RETURNING 1) SELECT 1 AS n FROM hit`,
          ),
        );
        await rejectsOrTouchesNothing(table, () =>
          inA(
            sql`WITH hit AS (DELETE FROM ${name} WHERE org_id = ${t.orgB} RETURNING 1) SELECT 1 AS n FROM hit`,
          ),
        );
        await expect(
          inA(
            sql`INSERT INTO ${name} SELECT (jsonb_populate_record(x, jsonb_build_object('org_id', ${t.orgB}::text))).* FROM ${name} x LIMIT 1`,
          ),
          `${table}: insert`,
        ).rejects.toThrow();
      }
    });
  }

  test("lets no foreign key reach into another organisation", async () => {
    const [b] = await t.app.withOrg(t.orgB, (tx) =>
      tx.rows<{ id: string }>(sql`SELECT id FROM customer WHERE org_id = ${t.orgB}`),
    );
    await expect(
      t.app.withOrg(t.orgA, (tx) =>
        tx.rows(
          sql`INSERT INTO unvalued (org_id, customer_id, from_day, currency) VALUES (${t.orgA}, ${b?.id}, '2026-01-01', 'EUR')`,
        ),
      ),
    ).rejects.toThrow();
  });
});

describe("withOrg", () => {
  test("refuses to switch to another organisation inside one", async () => {
    await expect(
      t.app.withOrg(t.orgA, () => t.app.withOrg(t.orgB, (tx) => tx.rows(sql`SELECT 1`))),
    ).rejects.toMatchObject({ code: "INTERNAL" });
  });

  test("is left by then when others hear of it: who listens may enter another", async () => {
    const looks: Promise<unknown>[] = [];
    const end = t.app.bus.subscribe("authz", () => {
      looks.push(t.app.withOrg(t.orgB, (tx) => tx.rows(sql`SELECT 1`)));
    });
    await t.app.withOrg(t.orgA, async (tx) => tx.announce("authz", { userId: null, orgId: tx.orgId }));
    end();
    expect(looks).toHaveLength(1);
    await expect(looks[0]).resolves.toHaveLength(1);
  });

  test("refuses an id that is not a uuid before it reaches SQL", async () => {
    await expect(
      t.app.withOrg("x'; DROP TABLE mail; --", (tx) => tx.rows(sql`SELECT 1`)),
    ).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("leaves the organisation behind when the transaction ends", async () => {
    await t.app.withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1`));
    const rows = await t.app.withInstance((tx) =>
      tx.rows<{ org: string | null }>(sql`SELECT nullif(current_setting('app.org_id', true), '') AS org`),
    );
    expect(rows).toEqual([{ org: null }]);
  });

  test("answers nothing to a reading that could not begin, though its first statement was sent along", async () => {
    const reading = t.app.withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1`), {
      readOnly: true,
      statementMs: Number.NaN,
    });
    await expect(reading).rejects.toThrow();
    const again = await t.app.withOrg(t.orgB, (tx) => tx.rows(sql`SELECT DISTINCT org_id FROM membership`), {
      readOnly: true,
    });
    expect(again).toEqual([{ org_id: t.orgB }]);
  });

  test("shows a person their own memberships before an organisation is chosen, and no others", async () => {
    const [mine] = await column(
      `SELECT user_id::text FROM app.membership WHERE org_id = '${t.orgA}' AND $1::text[] IS NOT NULL LIMIT 1`,
    );
    const rows = await t.app.withInstance(
      (tx) => tx.rows<{ org_id: string }>(sql`SELECT org_id FROM membership`),
      {
        userId: mine!,
      },
    );
    expect(rows).toEqual([{ org_id: t.orgA }]);
  });
});

describe("the queue", () => {
  test("takes a job of the organisation in force only", async () => {
    const enqueue = (payloadOrg: string) =>
      t.app.withOrg(t.orgA, (tx) =>
        tx.rows(
          sql`SELECT jobs.enqueue('loadDemo', ${JSON.stringify({ orgId: payloadOrg, customers: 1 })}::jsonb)`,
        ),
      );
    await expect(enqueue(t.orgA)).resolves.toHaveLength(1);
    await expect(enqueue(t.orgB)).rejects.toThrow();
  });

  test("is closed to app and worker but for that door", async () => {
    for (const role of ["app", "worker"] as const)
      await expect(
        t[role].withOrg(t.orgA, (tx) => tx.rows(sql`SELECT 1 FROM graphile_worker.jobs`)),
      ).rejects.toThrow();
  });
});

const appendOnly: ReadonlySet<string> = new Set(["audit_log", "policy_version"]);

describe("the audit log and the versions of the policy", () => {
  test("can be added to and read, never changed", async () => {
    for (const verb of [
      sql`UPDATE audit_log SET actor = 'nobody'`,
      sql`DELETE FROM audit_log`,
      sql`UPDATE policy_version SET actor_id = NULL`,
      sql`DELETE FROM policy_version`,
    ])
      await expect(t.app.withOrg(t.orgA, (tx) => tx.rows(verb))).rejects.toThrow();
  });
});

async function column(query: string): Promise<string[]> {
  const { rows } = await admin.query<Record<string, string>>({
    text: query,
    values: query.includes("$1") ? [tables] : [],
  });
  return rows.map((row) => Object.values(row)[0]!);
}

/** Append-only tables refuse the verb outright; all others find no row. */
async function rejectsOrTouchesNothing(table: string, run: () => Promise<unknown[]>): Promise<void> {
  if (appendOnly.has(table)) await expect(run(), table).rejects.toThrow();
  else expect(await run(), table).toEqual([]);
}

/** One row per table and organisation, made from the catalogue: superusers pass the wall. */
async function seedEveryTable(): Promise<void> {
  await admin.query("SET search_path = app; SET session_replication_role = replica");
  for (const org of [t.orgA, t.orgB])
    for (const table of tables) {
      const { rows } = await admin.query<{ name: string; type: string; options: string | null }>(
        `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
           (SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype = 'c'
              AND c.conkey = ARRAY[a.attnum] LIMIT 1) AS options
         FROM pg_attribute a WHERE a.attrelid = ('app.' || quote_ident($1))::regclass AND a.attnum > 0
           AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef`,
        [table],
      );
      const values = rows.map((row) => (row.name === "org_id" ? org : sampleValue(row.type, row.options)));
      const names = rows.map((row) => admin.escapeIdentifier(row.name)).join(", ");
      await admin.query(
        `INSERT INTO ${admin.escapeIdentifier(table)} (${names}) VALUES (${values.map((_, i) => `$${i + 1}`).join(", ")})`,
        values,
      );
    }
  await admin.query("SET session_replication_role = origin");
  // one real pair of rows with a key between them
  for (const org of [t.orgA, t.orgB])
    await admin.query(
      "INSERT INTO customer (org_id, external_id) VALUES ($1, 'real') ON CONFLICT DO NOTHING",
      [org],
    );
}

function sampleValue(type: string, check: string | null): unknown {
  const allowed = check?.match(/'([^']+)'::text/)?.[1];
  if (allowed && /ANY|\(\w+ = '/.test(check ?? "")) return allowed;
  if (type.endsWith("[]")) return "{}";
  switch (type) {
    case "uuid":
      return crypto.randomUUID();
    case "date":
    case "timestamp with time zone":
      return "2026-01-01";
    case "bytea":
      return Buffer.alloc(Number(check?.match(/octet_length\(\w+\) = (\d+)/)?.[1] ?? 1));
    case "jsonb":
      return "{}";
    case "boolean":
      return false;
    case "text":
      return "x";
    default:
      return 1;
  }
}
