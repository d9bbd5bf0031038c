import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { gzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { startTestServer, type TestServer, testToken } from "./testing.ts";

let t: TestDatabase;
let server: TestServer;
let admin: pg.Client;
let editor: string;
let viewer: string;
let stranger: string;
const maxBytes = 3 * 1024 * 1024;

beforeAll(async () => {
  t = await createTestDatabase();
  server = await startTestServer(t, {
    LIMITS: JSON.stringify({ uploadBytes: maxBytes, requestsPerMinute: 1_000_000 }),
  });
  admin = new pg.Client({ connectionString: t.url });
  await admin.connect();
  editor = await testToken(t, t.orgA, "editor");
  viewer = await testToken(t, t.orgA, "viewer");
  stranger = await testToken(t, t.orgB, "editor");
});
afterAll(async () => {
  await admin.end();
  await server.close();
  await t.close();
});

const csv = "customer_id,amount,started_at\na,10,2024-01-01\n";
type Json = Record<string, unknown>;

/** A form with a file and fields, the file first as browsers do not promise otherwise. */
function form(
  file: string | Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
  name = "data.csv",
): FormData {
  const body = new FormData();
  body.set("file", new Blob([file]), name);
  for (const [key, value] of Object.entries(fields)) body.set(key, value);
  return body;
}

async function post(body: BodyInit, token: string | null = editor, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/api/v1/uploads`, {
    method: "POST",
    body,
    headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
  });
  return { status: response.status, body: (await response.json()) as Json & { error?: { code: string } } };
}

const get = async (path: string, token = editor, method = "GET", body?: Json) => {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Json & { error?: { code: string } } };
};

const uploads = async (orgId: string): Promise<{ status: string; chunks: number }[]> =>
  (
    await admin.query(
      `SELECT u.status, count(c.seq)::int AS chunks FROM app.upload u LEFT JOIN app.upload_chunk c ON c.org_id = u.org_id AND c.upload_id = u.id
        WHERE u.org_id = $1 GROUP BY u.id, u.status ORDER BY u.id`,
      [orgId],
    )
  ).rows;
const kept = async () => (await uploads(t.orgA)).length;

describe("POST /uploads", () => {
  test("receives a file, queues it once, and keeps its bytes as they are", async () => {
    const bytes = randomBytes(maxBytes - 10);
    const first = await post(form(bytes, { kind: "customers", options: '{"encoding":"latin1"}' }));
    expect(first).toMatchObject({
      status: 202,
      body: {
        status: "queued",
        duplicate: false,
        bytes: bytes.length,
        file_name: "data.csv",
        rows: { read: 0 },
      },
    });
    const { rows } = await admin.query(
      "SELECT string_agg(data, ''::bytea ORDER BY seq) AS data, count(*)::int AS n FROM app.upload_chunk WHERE upload_id = $1",
      [first.body.id],
    );
    expect(rows[0].n).toBe(3);
    expect(bytes.equals(rows[0].data)).toBe(true);
    const again = await post(form(bytes, { kind: "customers", options: '{"encoding":"windows-1252"}' }));
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id, duplicate: true } });
    const other = await post(form(bytes, { kind: "customers" }));
    expect(other).toMatchObject({ status: 202, body: { duplicate: false } });
    const jobs = await admin.query(
      "SELECT 1 FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'parseUpload'",
    );
    expect(jobs.rows).toHaveLength(2);
  });

  test("asks who it is and whether they may", async () => {
    const before = await kept();
    expect(await post(form(csv), null, { origin: server.url })).toMatchObject({ status: 401 });
    expect(await post(form(csv), "jv_nonsense")).toMatchObject({ status: 401 });
    expect(await post(form(csv), viewer)).toMatchObject({ status: 403 });
    expect(await kept()).toBe(before);
  });

  test.each<
    [name: string, body: () => BodyInit, headers: Record<string, string>, status: number, code: string]
  >([
    ["a gzip archive", () => form(new Uint8Array(gzipSync(csv))), {}, 415, "not_csv"],
    ["a zip archive or Excel file", () => form(new Uint8Array([0x50, 0x4b, 3, 4, 1, 2])), {}, 415, "not_csv"],
    [
      "a compressed body",
      () => new Uint8Array(gzipSync(csv)),
      { "content-encoding": "gzip", "content-type": "multipart/form-data; boundary=x" },
      415,
      "compressed_body",
    ],
    ["a body that is no form", () => csv, { "content-type": "text/csv" }, 415, "multipart_expected"],
    [
      "a form without a file",
      () => {
        const body = new FormData();
        body.set("kind", "customers");
        return body;
      },
      {},
      400,
      "file_missing",
    ],
    [
      "a form without an end",
      () => '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na,b',
      { "content-type": "multipart/form-data; boundary=x" },
      400,
      "form_incomplete",
    ],
    ["an unknown kind", () => form(csv, { kind: "nonsense" }), {}, 400, "invalid_input"],
    ["options that are no JSON", () => form(csv, { options: "{" }), {}, 400, "invalid_json"],
    ["options that do not exist", () => form(csv, { options: '{"colour":1}' }), {}, 400, "invalid_input"],
    [
      "an unknown time zone",
      () => form(csv, { options: '{"timezone":"Mars/Base"}' }),
      {},
      400,
      "invalid_input",
    ],
    ["a file above the limit", () => form(new Uint8Array(maxBytes + 1)), {}, 413, "upload_too_large"],
    ["a file far above the limit", () => form(new Uint8Array(maxBytes * 4)), {}, 413, "upload_too_large"],
  ])("refuses %s and keeps nothing", async (_name, body, headers, status, code) => {
    const before = await kept();
    expect(await post(body(), editor, headers)).toMatchObject({ status, body: { error: { code } } });
    expect(await kept()).toBe(before);
  });

  test("cuts a body of unknown length at the limit", async () => {
    const before = await kept();
    const piece = Buffer.alloc(256 * 1024, "x");
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const req = httpRequest(`${server.url}/api/v1/uploads`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${editor}`,
          "content-type": "multipart/form-data; boundary=x",
          "transfer-encoding": "chunked",
        },
      });
      let sent = 0;
      req.on("error", reject);
      req.on("response", (res) => {
        let text = "";
        res.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        res.on("end", () => {
          req.destroy();
          resolve({ status: res.statusCode ?? 0, text });
        });
      });
      req.write('--x\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n');
      const more = () => {
        while (sent < 64 * 1024 * 1024) {
          sent += piece.length;
          if (!req.write(piece)) {
            req.once("drain", more);
            return;
          }
        }
      };
      more();
    });
    expect(answer.status).toBe(413);
    expect(answer.text).toContain("upload_too_large");
    expect(await kept()).toBe(before);
  });

  test("forgets a file whose sender goes away half-way", async () => {
    const before = await kept();
    const req = httpRequest(`${server.url}/api/v1/uploads`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${editor}`,
        "content-type": "multipart/form-data; boundary=x",
        "content-length": String(2 * 1024 * 1024),
      },
    });
    req.on("error", () => {});
    req.write('--x\r\nContent-Disposition: form-data; name="file"; filename="cut.csv"\r\n\r\n');
    req.write(Buffer.alloc(1024 * 1024 + 5_000, "x"));
    await vi.waitFor(async () =>
      expect(
        (await uploads(t.orgA)).some(({ status, chunks }) => status === "receiving" && chunks === 1),
      ).toBe(true),
    );
    req.destroy();
    await vi.waitFor(async () => expect(await kept()).toBe(before));
  });

  test.each([
    ["../../x.csv", "x.csv"],
    ["C:\\files\\y.csv", "y.csv"],
    ["a\u202egnp.csv", "agnp.csv"],
    ["Übersicht 2024.csv", "Übersicht 2024.csv"],
    ["..", "upload.csv"],
  ])("makes a safe name of %j", async (given, safe) => {
    const { body } = await post(form(`${csv}${given},1,2024-01-01\n`, {}, given));
    expect(body.file_name).toBe(safe);
  });

  test("refuses a dry_run that says neither yes nor no, rather than import what was to be looked at", async () => {
    const ask = (word: string) => post(form(`${csv}dry-${word},1,2024-01-01\n`, { dry_run: word }));
    for (const word of ["True", "1"]) expect((await ask(word)).body.dry_run).toBe(true);
    for (const word of ["", "False", "0"]) expect((await ask(word)).body.dry_run).toBe(false);
    const before = await get("/uploads?limit=1000");
    expect(await ask("maybe")).toMatchObject({ status: 400, body: { error: { code: "invalid_input" } } });
    expect((await get("/uploads?limit=1000")).body).toEqual(before.body);
  });

  test("takes fields that come before the file, and an empty kind as none", async () => {
    const body = new FormData();
    body.set("kind", "");
    body.set("dry_run", "true");
    body.set("mapping", JSON.stringify({ x: null }));
    body.set("file", new Blob([`${csv}before,1,2024-01-01\n`]), "f.csv");
    expect(await post(body)).toMatchObject({ status: 202, body: { dry_run: true } });
  });
});

describe("an upload over REST", () => {
  test("is seen, cancelled and asked for by its organisation alone", async () => {
    const { body } = await post(form(`${csv}rest,1,2024-01-01\n`));
    const path = `/uploads/${body.id}`;
    expect(await get(path)).toMatchObject({
      status: 200,
      body: { id: body.id, status: "queued", error: null },
    });
    expect(await get(path, viewer)).toMatchObject({ status: 200 });
    expect(await get(path, stranger)).toMatchObject({ status: 404 });
    for (const [method, rest] of [
      ["POST", "/cancel"],
      ["POST", "/import"],
      ["DELETE", ""],
    ] as const) {
      expect(await get(`${path}${rest}`, stranger, method)).toMatchObject({ status: 404 });
      expect(await get(`${path}${rest}`, viewer, method)).toMatchObject({ status: 403 });
    }
    expect(await get(`${path}/import`, editor, "POST", {})).toMatchObject({ status: 409 });
    expect(await get(`${path}/import`, editor, "POST", { colour: 1 })).toMatchObject({ status: 400 });
    expect(await get(`${path}/cancel`, editor, "POST")).toMatchObject({
      status: 200,
      body: { status: "cancelled" },
    });
    expect(await get(`${path}/import`, editor, "POST", { kind: "subscriptions" })).toMatchObject({
      status: 202,
      body: { status: "queued" },
    });
    expect(await get(path, editor, "DELETE")).toMatchObject({ status: 202, body: { status: "cancelled" } });
    expect(await get(`${path}/preview`)).toMatchObject({ status: 200, body: { header: [], rows: [] } });
    expect(await get(`${path}/errors`)).toMatchObject({ status: 200, body: { items: [], next: null } });
    const listed = await get("/uploads?limit=1");
    expect(listed.body).toMatchObject({ items: [{ id: body.id }], next: expect.any(String) });
    expect((await get("/uploads", stranger)).body).toEqual({ items: [], next: null });
  });
});
