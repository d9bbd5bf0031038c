import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { migrate } from "./migrate.ts";

test("objects that were kept as jsonb are the same as text, of every organisation", async () => {
  const name = `m_${randomBytes(6).toString("hex")}`;
  const admin = new pg.Client({ connectionString: inject("clusterUrl") });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(inject("clusterUrl"));
  url.pathname = `/${name}`;
  try {
    await migrate(url.href, undefined, "0013_append.sql");
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const body = { id: "sub_1", items: { data: [{ quantity: 2, ü: "\u2028" }] }, amount: 10.5, none: null };
    for (const no of [1, 2]) {
      const org = `01920000-0000-7000-8000-00000000000${no}`;
      await client.query("INSERT INTO app.organisation (id, name) VALUES ($1, 'Seeded')", [org]);
      await client.query(
        "INSERT INTO app.source (org_id, id, kind, name, credentials) VALUES ($1, $1, 'stripe', 'Stripe', '')",
        [org],
      );
      await client.query(
        `INSERT INTO app.source_object (org_id, source_id, stream, id, body, at, api_version)
         VALUES ($1, $1, 'subscriptions', 'sub_1', $2, 1, 'v')`,
        [org, { ...body, no }],
      );
      await client.query(
        `INSERT INTO app.source_object_version (org_id, source_id, stream, id, body, at)
         VALUES ($1, $1, 'subscriptions', 'sub_1', $2, 0)`,
        [org, { ...body, no }],
      );
    }
    await migrate(url.href);
    for (const table of ["source_object", "source_object_version"]) {
      const { rows } = await client.query<{ body: string }>(`SELECT body FROM app.${table} ORDER BY org_id`);
      expect(rows.map((row) => JSON.parse(row.body) as unknown)).toEqual([
        { ...body, no: 1 },
        { ...body, no: 2 },
      ]);
    }
    await client.end();
  } finally {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
});
