import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cancelUpload, getUpload } from "#db/queries/uploads.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { isAppError } from "#root/errors.ts";
import { importUpload } from "./import-upload.ts";
import { parseUpload } from "./parse-upload.ts";
import { errorsOf, importAgain, receive, testDeps, testJob, undo, upload, work } from "./testing.ts";

let t: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterAll(() => t.close());

const file = "customer_id,customer_name,amount,started_at\na,A,10,2024-01-01\nb,B,20,2024-01-01\n";
const tables = ["customer", "customer_fact", "subscription_version", "movement"] as const;

/** Rows of an organisation, counted behind the tenant wall's back. */
async function counts(orgId: string): Promise<number[]> {
  const found: number[] = [];
  for (const table of tables) {
    const { rows } = await admin.query(`SELECT count(*)::int AS n FROM app.${table} WHERE org_id = $1`, [
      orgId,
    ]);
    found.push(rows[0].n);
  }
  return found;
}
const imported = [2, 2, 2, 2];
const nothing = [0, 0, 0, 0];
const status = async (orgId: string, id: string) =>
  (await t.app.withOrg(orgId, (tx) => getUpload(tx, id))).status;

/** An upload that waits to be imported, and a lock that stops its import before the first fact. */
async function stoppedImport(name: string) {
  const orgId = await createTestOrganisation(t.app, name);
  const { row } = await receive(t, orgId, file);
  await parseUpload(testDeps(t))({ orgId, uploadId: row.id }, testJob());
  const lock = await t.connect();
  await lock.query("BEGIN");
  await lock.query("SELECT FROM app.organisation WHERE id = $1 FOR NO KEY UPDATE", [orgId]);
  const stopping = new AbortController();
  const running = importUpload(testDeps(t))(
    { orgId, uploadId: row.id },
    testJob({ signal: stopping.signal }),
  );
  const backend = await vi.waitFor(async () => {
    const { rows } = await admin.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'jarvis360 import'
        AND wait_event_type = 'Lock'`,
    );
    expect(rows).toHaveLength(1);
    return rows[0].pid as number;
  });
  const release = async () => {
    await lock.query("ROLLBACK");
    await lock.end();
  };
  return { orgId, uploadId: row.id, running, stopping, backend, release };
}

describe("an import that is interrupted", () => {
  test("cancelled while it writes, leaves nothing, and may be imported later", async () => {
    const { orgId, uploadId, running, release } = await stoppedImport("Cancel");
    await t.app.withOrg(orgId, (tx) => cancelUpload(tx, uploadId));
    await running;
    await release();
    expect(await counts(orgId)).toEqual(nothing);
    expect(await status(orgId, uploadId)).toBe("cancelled");
    expect((await importAgain(t, orgId, uploadId, {})).status).toBe("done");
    expect(await counts(orgId)).toEqual(imported);
  });

  test("cancelled before it began, does not begin", async () => {
    const orgId = await createTestOrganisation(t.app, "Early");
    const { row } = await receive(t, orgId, file);
    await t.app.withOrg(orgId, (tx) => cancelUpload(tx, row.id));
    expect((await work(t, orgId, row.id)).status).toBe("cancelled");
    expect(await counts(orgId)).toEqual(nothing);
  });

  test("its connection killed half-way, leaves nothing; the queue's second try imports it once", async () => {
    const { orgId, uploadId, running, backend, release } = await stoppedImport("Kill");
    await admin.query("SELECT pg_terminate_backend($1)", [backend]);
    const error = await running.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(isAppError(error) && error.code).toBe("UNAVAILABLE");
    await release();
    expect(await counts(orgId)).toEqual(nothing);
    expect(await status(orgId, uploadId)).toBe("importing");
    await importUpload(testDeps(t))({ orgId, uploadId }, testJob());
    expect(await counts(orgId)).toEqual(imported);
    expect(await status(orgId, uploadId)).toBe("done");
  });

  test("stopped by a shutdown, is thrown back to the queue and leaves nothing", async () => {
    const { orgId, uploadId, running, stopping, release } = await stoppedImport("Shutdown");
    stopping.abort();
    await expect(running).rejects.toThrow();
    await release();
    expect(await counts(orgId)).toEqual(nothing);
    expect((await work(t, orgId, uploadId)).status).toBe("done");
  });

  test("without a try left, says that it failed", async () => {
    const { orgId, uploadId, running, backend, release } = await stoppedImport("Last try");
    await admin.query("SELECT pg_terminate_backend($1)", [backend]);
    await expect(running).rejects.toThrow();
    await release();
    const job = testJob({
      isLast: true,
      requireLease: async () => {
        throw Object.assign(new Error("cut"), { code: "08006" });
      },
    });
    await importUpload(testDeps(t))({ orgId, uploadId }, job);
    expect(await status(orgId, uploadId)).toBe("failed");
    expect(await counts(orgId)).toEqual(nothing);
  });

  test("taken for dead while another run goes on, writes nothing", async () => {
    const orgId = await createTestOrganisation(t.app, "Zombie");
    const { row } = await receive(t, orgId, file);
    const job = { orgId, uploadId: row.id };
    await parseUpload(testDeps(t))(job, testJob());
    const dead = testJob({
      requireLease: async () => {
        throw Object.assign(new Error("the lease is another's"), { code: "55000" });
      },
    });
    await expect(importUpload(testDeps(t))(job, dead)).rejects.toThrow("lease");
    expect(await counts(orgId)).toEqual(nothing);
    expect(await status(orgId, row.id)).toBe("importing");
  });

  test("run twice, one after the other or at once, acts once", async () => {
    const orgId = await createTestOrganisation(t.app, "Twice");
    const { row } = await receive(t, orgId, file);
    const job = { orgId, uploadId: row.id };
    await parseUpload(testDeps(t))(job, testJob());
    await Promise.all([importUpload(testDeps(t))(job, testJob()), importUpload(testDeps(t))(job, testJob())]);
    expect(await counts(orgId)).toEqual(imported);
    await parseUpload(testDeps(t))(job, testJob());
    await importUpload(testDeps(t))(job, testJob());
    expect(await counts(orgId)).toEqual(imported);
  });
});

describe("the same file again", () => {
  test("is recognised, until it is undone", async () => {
    const orgId = await createTestOrganisation(t.app, "Again");
    const first = await upload(t, orgId, file);
    const again = await receive(t, orgId, file);
    expect([again.duplicate, again.row.id]).toEqual([true, first.id]);
    expect((await receive(t, orgId, file, { kind: "customers" })).duplicate).toBe(false);
    expect((await receive(t, t.orgB, file)).duplicate).toBe(false);
    await undo(t, orgId, first.id);
    expect((await receive(t, orgId, file)).duplicate).toBe(false);
  });

  test("from two tabs at once is one upload", async () => {
    const orgId = await createTestOrganisation(t.app, "Tabs");
    const both = await Promise.all([receive(t, orgId, file), receive(t, orgId, file)]);
    expect(new Set(both.map(({ row }) => row.id)).size).toBe(1);
    expect(both.filter(({ duplicate }) => duplicate)).toHaveLength(1);
  });

  test("after a dry run is no duplicate", async () => {
    const orgId = await createTestOrganisation(t.app, "Dry");
    const dry = await upload(t, orgId, `${file}c,C,x,2024-01-01\n`, { dryRun: true });
    expect(dry).toMatchObject({ status: "previewed", rows: { read: 3, imported: 0, rejected: 1 } });
    expect(await errorsOf(t, orgId, dry.id)).toMatchObject([{ line: 4, column: "amount" }]);
    expect(await counts(orgId)).toEqual(nothing);
    const real = await receive(t, orgId, `${file}c,C,x,2024-01-01\n`);
    expect(real.duplicate).toBe(false);
  });

  test("cannot come in a second time through an import that was waiting for a mapping", async () => {
    const orgId = await createTestOrganisation(t.app, "Backdoor");
    await upload(t, orgId, file, { kind: "subscriptions" });
    const dry = await upload(t, orgId, file, { dryRun: true });
    await expect(importAgain(t, orgId, dry.id, { kind: "subscriptions" })).rejects.toMatchObject({
      code: "CONFLICT",
      extra: { reason: "upload_duplicate" },
    });
  });
});

describe("files that are not what they should be", () => {
  const organisation = () => createTestOrganisation(t.app, "Odd");

  test.each([
    [
      "UTF-16LE with a mark",
      () =>
        Buffer.concat([
          Buffer.from([0xff, 0xfe]),
          Buffer.from("customer_id,name\r\na,Ünal 😀\r\n", "utf16le"),
        ]),
      "utf-16le",
      "Ünal 😀",
    ],
    [
      "UTF-16BE with a mark",
      () =>
        Buffer.concat([
          Buffer.from([0xfe, 0xff]),
          Buffer.from("customer_id,name\na,Ünal\n", "utf16le").swap16(),
        ]),
      "utf-16be",
      "Ünal",
    ],
    ["UTF-8 with a mark", () => Buffer.from("\ufeffcustomer_id,name\na,Ünal\n"), "utf-8", "Ünal"],
    [
      "windows-1252",
      () => Buffer.from([...Buffer.from("customer_id,name\ra,"), 0xdc, 0x6e, 0x80]),
      "windows-1252",
      "Ün€",
    ],
  ] as const)("%s is read right", async (_name, bytes, encoding, name) => {
    const orgId = await organisation();
    const done = await upload(t, orgId, bytes());
    expect(done).toMatchObject({ status: "done", dialect: { encoding } });
    const { rows } = await admin.query("SELECT external_id, name FROM app.customer WHERE org_id = $1", [
      orgId,
    ]);
    expect(rows).toEqual([{ external_id: "a", name }]);
  });

  test("a byte that is no UTF-8, far behind the first megabyte, is seen", async () => {
    const orgId = await organisation();
    const many = Array.from({ length: 100_000 }, (_, n) => `customer ${n},x`).join("\n");
    const done = await upload(
      t,
      orgId,
      Buffer.concat([Buffer.from(`customer_id,name\n${many}\nlast,`), Buffer.from([0xa9])]),
    );
    expect(done.dialect).toMatchObject({ encoding: "windows-1252", encoding_guessed: true });
    const { rows } = await admin.query(
      "SELECT name FROM app.customer WHERE org_id = $1 AND external_id = 'last'",
      [orgId],
    );
    expect(rows).toEqual([{ name: "©" }]);
  });

  test("UTF-16 asked for without saying which goes by the mark", async () => {
    const bytes = Buffer.from("\ufeffcustomer_id,name\na,Ünal\n", "utf16le").swap16();
    const done = await upload(t, await organisation(), bytes, { options: { encoding: "UTF-16" } });
    expect(done).toMatchObject({ status: "done", dialect: { encoding: "utf-16be" }, rows: { imported: 1 } });
  });

  test("NUL and open quotes cost their rows alone", async () => {
    const orgId = await organisation();
    const done = await upload(t, orgId, 'customer_id,name\na,x\0y\nb,"open\nc,fine\n');
    expect(done.rows).toMatchObject({ read: 3, imported: 1, rejected: 2 });
    expect(await errorsOf(t, orgId, done.id)).toMatchObject([
      { line: 2, column: "name", code: "nul_character", value: "x\ufffdy" },
      { line: 3, column: null, code: "unclosed_quote" },
    ]);
  });

  test.each([
    ["nothing", "", "empty_file"],
    ["blank lines alone", "\n\n", "empty_file"],
    [
      "ten thousand columns",
      `${Array.from({ length: 10_000 }, (_, n) => `c${n}`).join(",")}\n1\n`,
      "too_many_columns",
    ],
    ["one line of three megabytes", "x".repeat(3_000_000), "record_too_long"],
  ])("%s fails with a reason", async (_name, text, code) => {
    const orgId = await organisation();
    expect(await upload(t, orgId, text)).toMatchObject({ status: "failed", error: { code } });
  });

  test("more rows than allowed fail, and leave nothing", async () => {
    const orgId = await organisation();
    const many = Array.from({ length: 30_000 }, (_, n) => `customer-number-${n},x`).join("\n");
    const done = await upload(t, orgId, `customer_id,name\n${many}\n`, {}, { uploadRows: 1_000 });
    expect(done).toMatchObject({ status: "failed", error: { code: "too_many_rows" } });
    expect(await counts(orgId)).toEqual(nothing);
  });

  test("names that repeat, are missing or mean something to JavaScript are columns like any other", async () => {
    const orgId = await organisation();
    const done = await upload(t, orgId, "customer_id,x,x,,column_4,toString\na,1,2,3,4,5\n");
    expect(done.columns).toEqual(["customer_id", "x", "column_3", "column_4_", "column_4", "toString"]);
    const { rows } = await admin.query("SELECT attributes FROM app.customer WHERE org_id = $1", [orgId]);
    expect(rows).toEqual([
      { attributes: { x: "1", column_3: "2", column_4_: "3", column_4: "4", toString: "5" } },
    ]);
  });

  test("a file without a header has column_N, and lines before the header are skipped", async () => {
    const orgId = await organisation();
    const bare = await upload(t, orgId, "a,Anna\nb,Ben\n", {
      kind: "customers",
      options: { header: false },
      mapping: { column_1: "customer_id", column_2: "name" },
    });
    expect(bare).toMatchObject({ status: "done", columns: ["column_1", "column_2"], rows: { imported: 2 } });
    const skipped = await upload(t, orgId, "# report\n\ncustomer_id,name\n,x\nc,Cleo\n", {
      options: { skip_leading_lines: 2 },
    });
    expect(await errorsOf(t, orgId, skipped.id)).toMatchObject([{ line: 4, code: "missing_value" }]);
  });

  test("tables of the job are gone when it is", async () => {
    const { rows } = await admin.query(
      "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r' AND relname LIKE 'stage%'",
    );
    expect(rows).toEqual([]);
  });
});

describe("the raw file", () => {
  test("shows any line again, from the piece that holds it", async () => {
    const orgId = await createTestOrganisation(t.app, "Raw");
    const { getRawLine } = await import("#db/queries/raw-line.ts");
    const name = (n: number) => (n % 100 === 0 ? `"multi\nline, ü ${n}"` : `Ünal ${n} ${"x".repeat(n % 37)}`);
    const lines: string[] = ["customer_id,name"];
    for (let n = 0; n < 60_000; n += 1) lines.push(`customer-${n},${name(n)}`);
    const text = lines.join("\r\n");
    const done = await upload(t, orgId, text);
    expect(done).toMatchObject({ status: "done", rows: { rejected: 0 } });
    const marks = await t.app.withOrg(orgId, (tx) =>
      tx.rows(
        sql`SELECT seq FROM upload_chunk WHERE org_id = ${orgId} AND upload_id = ${done.id} AND first_line IS NOT NULL`,
      ),
    );
    expect(marks.length).toBe(Math.ceil(done.bytes / 1024 / 1024));
    const { rows: facts } = await admin.query(
      `SELECT c.external_id AS id, f.line FROM app.customer_fact f JOIN app.customer c ON c.org_id = f.org_id AND c.id = f.customer_id
        WHERE f.org_id = $1 AND (f.line % 9973 = 0 OR f.line < 5 OR c.external_id IN ('customer-59999', 'customer-30000'))`,
      [orgId],
    );
    expect(facts.length).toBeGreaterThan(8);
    for (const { id, line } of facts) {
      const raw = await t.app.withOrg(orgId, (tx) => getRawLine(tx, done.id, line));
      expect(raw?.cells[0]).toBe(id);
      expect(raw?.header).toEqual(["customer_id", "name"]);
      expect(text).toContain(raw?.text);
    }
    const nowhere = await t.app.withOrg(orgId, (tx) => getRawLine(tx, done.id, 10_000_000));
    expect(nowhere).toBeNull();
    await expect(t.app.withOrg(t.orgB, (tx) => getRawLine(tx, done.id, 2))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
