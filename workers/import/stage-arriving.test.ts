import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cancelUpload, getUpload } from "#db/queries/uploads.ts";
import { receiveUpload } from "#db/receive-upload.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { importUpload } from "./import-upload.ts";
import { parseUpload } from "./parse-upload.ts";
import { stageArriving } from "./stage-arriving.ts";
import { type Ask, errorsOf, requestOf, testDeps, testJob, work } from "./testing.ts";

let t: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  t = await createTestDatabase();
  admin = new pg.Client({ connectionString: t.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await t.close();
});

const rows = 9_000;
const line = (n: number) =>
  `customer-${n},${n % 700},${10 + (n % 90)}.00,2024-01-${10 + (n % 19)},${"n".repeat(500)}\n`;
const header = "customer_id,plan,amount,started_at,note\n";
const text = header + Array.from({ length: rows }, (_, n) => line(n)).join("");

/** A file of which most has arrived; the rest comes when told. */
async function arriving(name: string, ask: { before?: Ask; after?: Ask } = {}, bytes = Buffer.from(text)) {
  const orgId = await createTestOrganisation(t.app, name);
  const rest = Promise.withResolvers<void>();
  rest.promise.catch(() => {});
  const asked = (given: Ask) => ({ request: requestOf(given), dryRun: given.dryRun ?? false });
  async function* source() {
    yield bytes.subarray(0, bytes.length - 500);
    await rest.promise;
    yield bytes.subarray(bytes.length - 500);
  }
  const received = receiveUpload(t.app, orgId, {
    source: source(),
    fileName: "large.csv",
    createdBy: null,
    maxBytes: 2 ** 30,
    asked: async () => asked(ask.after ?? ask.before ?? {}),
    askedSoFar: () => asked(ask.before ?? {}),
  });
  received.catch(() => {});
  const jobs = async () =>
    (
      await admin.query<{ name: string; payload: { uploadId: string } }>(
        `SELECT t.identifier AS name, j.payload FROM graphile_worker._private_jobs j
          JOIN graphile_worker._private_tasks t ON t.id = j.task_id
          WHERE j.payload ->> 'orgId' = $1 AND t.identifier LIKE '%Upload' OR t.identifier = 'stageArriving'
            AND j.payload ->> 'orgId' = $1 ORDER BY j.id`,
        [orgId],
      )
    ).rows;
  await vi.waitFor(
    async () => expect((await jobs()).map((job) => job.name)).toEqual(["stageArriving"]),
    5_000,
  );
  const uploadId = (await jobs())[0]!.payload.uploadId;
  return { orgId, uploadId, rest, received, jobs };
}

/** Begins to read ahead, and waits until it has a table of its own to read into. */
async function reading(file: { orgId: string; uploadId: string }, job = testJob(), idleMs = 30_000) {
  const running = stageArriving(testDeps(t), { idleMs })({ orgId: file.orgId, uploadId: file.uploadId }, job);
  running.catch(() => {});
  await vi.waitFor(async () => expect(await copying()).not.toBeNull(), 5_000);
  return { running };
}

async function copying(): Promise<number | null> {
  const { rows: found } = await admin.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY stage%' AND state = 'active'",
  );
  return found[0]?.pid ?? null;
}

/** Runs `work` while nobody else can change the organisation: an import waits before it applies anything. */
async function holding(orgId: string, work: () => Promise<void>): Promise<void> {
  await admin.query("BEGIN");
  try {
    await admin.query("SELECT FROM app.organisation WHERE id = $1 FOR NO KEY UPDATE", [orgId]);
    await work();
  } finally {
    await admin.query("ROLLBACK");
  }
}

const show = (orgId: string, id: string) => t.app.withOrg(orgId, (tx) => getUpload(tx, id));
const facts = async (orgId: string): Promise<number> =>
  (await admin.query("SELECT count(*)::int AS n FROM app.customer_fact WHERE org_id = $1", [orgId])).rows[0]
    .n;

describe("a large file that still arrives", () => {
  test("is read meanwhile, seen by nobody, and imported once when it is complete", async () => {
    const file = await arriving("Ahead");
    const { orgId, uploadId } = file;
    const { running } = await reading(file);
    await expect(show(orgId, uploadId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    file.rest.resolve();
    await file.received;
    await running;
    expect(await show(orgId, uploadId)).toMatchObject({
      status: "done",
      kind: "subscriptions",
      rows: { read: rows, imported: rows, rejected: 0, total: rows },
    });
    expect((await file.jobs()).map((job) => job.name)).toEqual([
      "stageArriving",
      "parseUpload",
      "importUpload",
    ]);
    await work(t, orgId, uploadId);
    expect(await facts(orgId)).toBe(rows);
    expect(await facts(t.orgB)).toBe(0);
    await expect(show(t.orgB, uploadId)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("and is cut off leaves nothing", async () => {
    const file = await arriving("Cut");
    const { running } = await reading(file);
    file.rest.reject(new Error("cut"));
    await expect(file.received).rejects.toThrow("cut");
    await running;
    const { rows: left } = await admin.query("SELECT 1 FROM app.upload WHERE org_id = $1", [file.orgId]);
    expect(left).toEqual([]);
    expect(await facts(file.orgId)).toBe(0);
    await vi.waitFor(async () => expect(await copying()).toBeNull(), 5_000);
  });

  test("and whose sender falls silent is given up, and imported when the rest has come after all", async () => {
    const file = await arriving("Silent");
    const { running } = await reading(file, testJob(), 500);
    await running;
    expect(await facts(file.orgId)).toBe(0);
    file.rest.resolve();
    await file.received;
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "queued" });
    expect(await work(t, file.orgId, file.uploadId)).toMatchObject({
      status: "done",
      rows: { imported: rows },
    });
  });

  test("and is cancelled once it is complete imports nothing", async () => {
    const file = await arriving("Cancelled");
    const { running } = await reading(file);
    await holding(file.orgId, async () => {
      file.rest.resolve();
      await file.received;
      await vi.waitFor(
        async () => expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "importing" }),
        10_000,
      );
      await t.app.withOrg(file.orgId, (tx) => cancelUpload(tx, file.uploadId));
      await running;
    });
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "cancelled" });
    expect(await facts(file.orgId)).toBe(0);
  });

  test.each<[string, Ask, Record<string, unknown>]>([
    ["another mapping", { mapping: { note: "attr.remark" } }, { status: "done" }],
    ["a dry run", { dryRun: true }, { status: "previewed" }],
  ])("is read again when the fields behind it ask for %s", async (name, after, expected) => {
    const file = await arriving(name, { after });
    const { running } = await reading(file);
    file.rest.resolve();
    await file.received;
    await running;
    expect(await facts(file.orgId)).toBe(0);
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "queued" });
    expect(await work(t, file.orgId, file.uploadId)).toMatchObject(expected);
  });

  test("counts when the fields behind it only say what was found", async () => {
    const file = await arriving("Said later", { after: { kind: "subscriptions" } });
    const { running } = await reading(file);
    file.rest.resolve();
    await file.received;
    await running;
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "done", rows: { imported: rows } });
  });

  test("and ends with a byte that is no UTF-8 is read again as what it is", async () => {
    const bytes = Buffer.from(text);
    bytes[bytes.length - 3] = 0xe9;
    const file = await arriving("Latin", {}, bytes);
    const { running } = await reading(file);
    file.rest.resolve();
    await file.received;
    await running;
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "queued" });
    expect(await work(t, file.orgId, file.uploadId)).toMatchObject({
      status: "done",
      dialect: { encoding: "windows-1252" },
    });
  });

  test("keeps its refused rows and the marks of its pieces", async () => {
    const file = await arriving(
      "Refused",
      {},
      Buffer.from(`${header}a,x,nothing,2024-01-31,\n${text.slice(header.length)}`),
    );
    const { running } = await reading(file);
    file.rest.resolve();
    await file.received;
    await running;
    expect(await show(file.orgId, file.uploadId)).toMatchObject({
      status: "done",
      rows: { read: rows + 1, imported: rows, rejected: 1 },
    });
    expect(await errorsOf(t, file.orgId, file.uploadId)).toMatchObject([
      { line: 2, column: "amount", code: "number_invalid" },
    ]);
    const { rows: unmarked } = await admin.query(
      "SELECT seq FROM app.upload_chunk WHERE upload_id = $1 AND first_line IS NULL",
      [file.uploadId],
    );
    expect(unmarked).toEqual([]);
  });

  test("whose reader dies, before it is complete or after, is imported by the jobs behind", async () => {
    const file = await arriving("Dead reader");
    const { running } = await reading(file, testJob(), 500);
    await admin.query("SELECT pg_terminate_backend($1)", [await copying()]);
    await running;
    file.rest.resolve();
    await file.received;
    // the queue frees the job of a worker that was killed and runs it once more
    await stageArriving(testDeps(t))({ orgId: file.orgId, uploadId: file.uploadId }, testJob());
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "queued" });
    expect(await work(t, file.orgId, file.uploadId)).toMatchObject({
      status: "done",
      rows: { imported: rows },
    });
  });

  test("taken over by a reader that then loses its lease is left to the import behind it", async () => {
    const file = await arriving("Lease");
    const lost = testJob({
      requireLease: async () => {
        throw Object.assign(new Error("the lease is another's"), { code: "55000" });
      },
    });
    const { running } = await reading(file, lost);
    file.rest.resolve();
    await file.received;
    await expect(running).rejects.toThrow("lease");
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "importing" });
    expect(await facts(file.orgId)).toBe(0);
    await parseUpload(testDeps(t))({ orgId: file.orgId, uploadId: file.uploadId }, testJob());
    await importUpload(testDeps(t))({ orgId: file.orgId, uploadId: file.uploadId }, testJob());
    expect(await show(file.orgId, file.uploadId)).toMatchObject({ status: "done", rows: { imported: rows } });
    expect(await facts(file.orgId)).toBe(rows);
  });
});
