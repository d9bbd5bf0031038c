import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createImportConnection, type ImportConnection } from "./copy.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let t: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterAll(() => t.close());

const open = (orgId: string): ImportConnection => createImportConnection({ url: t.url, orgId });
const kill = () =>
  admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'jarvis360 import'",
  );
const lost = { code: "UNAVAILABLE" };

describe("an import's own connection", () => {
  test("runs as the worker, inside its organisation, and returns rows as the pool does", async () => {
    const connection = open(t.orgA);
    const [row] = await connection.transaction((tx) =>
      tx.rows(sql`SELECT current_user AS who, current_setting('app.org_id') AS org, '2024-01-31'::date AS day,
        1.50::numeric AS amount, 9007199254740993 AS big, ${JSON.stringify({ a: [1] })}::jsonb AS json, ${null}::text AS nothing`),
    );
    expect(row).toEqual({
      who: "jarvis_worker",
      org: t.orgA,
      day: "2024-01-31",
      amount: "1.50",
      big: "9007199254740993",
      json: { a: [1] },
      nothing: null,
    });
    await connection.end();
  });

  test("cannot write into another organisation, and an error takes all of its transaction back", async () => {
    const connection = open(t.orgA);
    const work = connection.transaction(async (tx) => {
      await tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${t.orgA}, 'mine')`);
      await tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${t.orgB}, 'theirs')`);
    });
    await expect(work).rejects.toMatchObject({ code: "42501" });
    await connection.end();
    const { rows } = await admin.query("SELECT external_id FROM app.customer");
    expect(rows).toEqual([]);
  });

  test("copies into tables that only it sees", async () => {
    const connection = open(t.orgA);
    await connection.run(sql`CREATE TEMP TABLE stage (a int, b text)`);
    const sink = await connection.copyIn(sql`COPY stage FROM STDIN`);
    for (let n = 0; n < 5_000; n += 1) await sink.write(`${n}\t${"x".repeat(100)}\n`);
    await sink.end();
    const count = sql`SELECT count(*)::int AS n FROM stage`;
    expect(await connection.transaction((tx) => tx.rows(count))).toEqual([{ n: 5_000 }]);
    await expect(t.worker.withOrg(t.orgA, (tx) => tx.rows(count))).rejects.toThrow();
    await connection.end();
  });

  test("says so when the database refuses a row", async () => {
    const connection = open(t.orgA);
    await connection.run(sql`CREATE TEMP TABLE stage (a int)`);
    const sink = await connection.copyIn(sql`COPY stage FROM STDIN`);
    const work = async () => {
      await sink.write("not a number\n");
      await sink.end();
    };
    await expect(work()).rejects.toMatchObject({ code: "22P02" });
    await connection.end();
  });

  test("once lost is lost: no statement runs on its replacement", async () => {
    const connection = open(t.orgA);
    const work = connection.transaction(async (tx) => {
      await tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${t.orgA}, 'a')`);
      await kill();
      await tx.rows(sql`SELECT 1`).catch(() => {});
      await tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${t.orgA}, 'b')`);
    });
    await expect(work).rejects.toMatchObject(lost);
    await expect(connection.run(sql`SELECT 1`)).rejects.toMatchObject(lost);
    await connection.end();
    const { rows } = await admin.query("SELECT external_id FROM app.customer");
    expect(rows).toEqual([]);
  });

  test("lost while it copies, rejects instead of waiting", async () => {
    const connection = open(t.orgA);
    await connection.run(sql`CREATE TEMP TABLE stage (a text)`);
    const sink = await connection.copyIn(sql`COPY stage FROM STDIN`);
    await sink.write("x\n");
    await kill();
    const work = async () => {
      for (;;) await sink.write(`${"x".repeat(100_000)}\n`);
    };
    await expect(work()).rejects.toMatchObject({
      code: expect.stringMatching(/UNAVAILABLE|57P01|ECONN|EPIPE|CONNECTION/),
    });
    await expect(connection.run(sql`SELECT 1`)).rejects.toMatchObject(lost);
    await connection.end();
  });

  test("stops the statement that runs when it is told to", async () => {
    const connection = open(t.orgA);
    const work = connection.transaction((tx) => tx.rows(sql`SELECT pg_sleep(60)`));
    const sleeping =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%' AND state = 'active'";
    await vi.waitFor(async () => expect((await admin.query(sleeping)).rowCount).toBe(1));
    connection.cancel();
    await expect(work).rejects.toMatchObject({ code: "57014" });
    await connection.end();
    await vi.waitFor(async () => expect((await admin.query(sleeping)).rowCount).toBe(0));
  });

  test("runs nothing more once it was told to stop, not even between two statements", async () => {
    const connection = open(t.orgA);
    const work = connection.transaction(async (tx) => {
      await tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${t.orgA}, 'stopped')`);
      connection.cancel();
      await tx.rows(sql`SELECT pg_sleep(60)`);
    });
    await expect(work).rejects.toMatchObject({ code: "57014" });
    await connection.end();
    const { rows } = await admin.query("SELECT FROM app.customer WHERE external_id = 'stopped'");
    expect(rows).toEqual([]);
  });
});
