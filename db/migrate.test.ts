import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { migrate } from "./migrate.ts";

/** A database with the schema of today and rows in it, for each test; the migrations folder is a copy to add to. */
let admin: pg.Client;
let client: pg.Client;
let url: string;
let folder: URL;
let path: string;
const made: string[] = [];

beforeAll(async () => {
  admin = new pg.Client({ connectionString: inject("clusterUrl") });
  await admin.connect();
  path = await mkdtemp(join(tmpdir(), "jarvis360-migrations-"));
  folder = pathToFileURL(`${path}/`);
});
beforeEach(async () => {
  await client?.end();
  await rm(path, { recursive: true, force: true });
  await cp(new URL("./migrations/", import.meta.url), folder, { recursive: true });
  const name = `m_${randomBytes(6).toString("hex")}`;
  made.push(name);
  await admin.query(`CREATE DATABASE ${name}`);
  const own = new URL(inject("clusterUrl"));
  own.pathname = `/${name}`;
  url = own.href;
  await migrate(url, folder);
  client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO app.organisation (id, name) VALUES ('01920000-0000-7000-8000-000000000001', 'Seeded');
     INSERT INTO app.customer (org_id, external_id) SELECT '01920000-0000-7000-8000-000000000001', 'c' || n FROM generate_series(1, 1000) n`,
  );
});
afterAll(async () => {
  await client.end();
  for (const name of made) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
  await rm(path, { recursive: true, force: true });
});

describe("migrate", () => {
  test("has nothing to do the second time", async () => {
    expect(await migrate(url, folder)).toEqual([]);
  });

  test("runs what is new, in order, and keeps the rows", async () => {
    await writeFile(join(path, "9001_column.sql"), "ALTER TABLE app.customer ADD COLUMN probe int");
    await writeFile(
      join(path, "9002_value.sql"),
      "SET LOCAL ROLE jarvis_maint; UPDATE app.customer SET probe = 1",
    );
    expect(await migrate(url, folder)).toEqual(["9001_column.sql", "9002_value.sql"]);
    const { rows } = await client.query("SELECT count(*)::int AS n FROM app.customer WHERE probe = 1");
    expect(rows).toEqual([{ n: 1000 }]);
  });

  test("leaves nothing of a file that fails half-way, and goes on from there when it is mended", async () => {
    const file = join(path, "9001_half.sql");
    await writeFile(file, "ALTER TABLE app.customer ADD COLUMN probe int; SELECT 1 / 0;");
    await expect(migrate(url, folder)).rejects.toThrow("9001_half.sql");
    const { rows } = await client.query(
      "SELECT 1 FROM pg_attribute WHERE attrelid = 'app.customer'::regclass AND attname = 'probe'",
    );
    expect(rows).toEqual([]);
    await writeFile(file, "ALTER TABLE app.customer ADD COLUMN probe int");
    expect(await migrate(url, folder)).toEqual(["9001_half.sql"]);
  });

  test("refuses a file that changed after it ran", async () => {
    const file = join(path, "0001_foundation.sql");
    await writeFile(file, `${await readFile(file, "utf8")}\n-- changed`);
    await expect(migrate(url, folder)).rejects.toThrow("has changed");
  });

  test("run by two processes at once applies each file once", async () => {
    await writeFile(join(path, "9001_column.sql"), "ALTER TABLE app.customer ADD COLUMN probe int");
    const ran = await Promise.all([migrate(url, folder), migrate(url, folder)]);
    expect(ran.flat()).toEqual(["9001_column.sql"]);
  });
});
