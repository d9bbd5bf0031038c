import { randomBytes } from "node:crypto";
import pino from "pino";
import { createDatabase } from "#db/database.ts";
import { createTestDatabase } from "#db/testing.ts";
import { createToken } from "#root/cli/token.ts";
import { parseEnv } from "#root/env.ts";
import { createHttpServer } from "#server/http.ts";
import { startWorkers } from "#workers/start-workers.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a stranger's program would, without our types
type Json = any;

export interface Answer {
  status: number;
  body: Json;
  headers: Headers;
}

/** A program that talks to the REST API with one token. */
export interface RestClient {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  upload(csv: string | Buffer, fields?: Record<string, string>): Promise<Answer>;
  /** Waits until an upload has one of these statuses (default: done) and returns it. */
  settled(id: string, statuses?: string[]): Promise<Json>;
  /** Uploads, waits until it is imported, and returns its id. */
  importCsv(csv: string, fields?: Record<string, string>): Promise<string>;
}

/** The web and worker roles in this process, on a database of their own, without the pages. */
export interface Product {
  url: string;
  client(token: string): RestClient;
  /** A new organisation and its owner's client. */
  organisation(name: string): Promise<RestClient>;
  stop(): Promise<void>;
}

/** @param values over the surroundings: `STRIPE_API_BASE` of a double */
export async function startProduct(values: Record<string, string> = {}): Promise<Product> {
  const t = await createTestDatabase();
  const env = parseEnv({
    NODE_ENV: "test",
    LOG_LEVEL: "silent",
    LIMITS: JSON.stringify({ requestsPerMinute: 1_000_000 }),
    SECRET_KEYS: `e2e:${randomBytes(32).toString("base64")}`,
    ...values,
  });
  const db = createDatabase({ url: t.url, role: "jarvis_app" });
  const http = await createHttpServer({
    db,
    env,
    log: pino({ level: "silent" }),
    site: null,
  });
  await http.listen(0, "127.0.0.1");
  const address = http.server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  const url = `http://127.0.0.1:${address.port}`;
  const workers = await startWorkers({ env, databaseUrl: t.url });
  const client = (token: string) => createClient(`${url}/api/v1`, token);
  return {
    url,
    client,
    organisation: async (name) =>
      client(await createToken(db, { org: name, email: "owner@example.com", role: "owner" })),
    async stop() {
      await http.close(1_000);
      await workers.stop();
      await db.close();
      await t.close();
    },
  };
}

function createClient(base: string, token: string): RestClient {
  const headers = { Authorization: `Bearer ${token}` };
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${base}${path}`, { ...init, headers: { ...headers, ...init.headers } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
  };
  const sendJson = (method: string) => (path: string, body: unknown) =>
    send(path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

  const api: RestClient = {
    get: (path) => send(path, { method: "GET" }),
    delete: (path) => send(path, { method: "DELETE" }),
    post: sendJson("POST"),
    patch: sendJson("PATCH"),
    upload(csv, fields = {}) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      form.set(
        "file",
        new Blob([typeof csv === "string" ? csv : new Uint8Array(csv)], { type: "text/csv" }),
        "test.csv",
      );
      return send("/uploads", { method: "POST", body: form });
    },
    async settled(id, statuses = ["done"]) {
      const ends = ["done", "failed", "cancelled", "undone", "previewed", "needs_mapping"];
      const deadline = Date.now() + 15_000;
      for (;;) {
        const { body } = await api.get(`/uploads/${id}`);
        if (statuses.includes(body.status)) return body;
        const isUndoing = body.status === "done" && statuses.includes("undone");
        if ((ends.includes(body.status) && !isUndoing && !statuses.includes("done")) || Date.now() > deadline)
          throw new Error(`upload is ${JSON.stringify(body)}, not ${statuses.join(" or ")}`);
        if (["failed", "cancelled", "undone", "previewed"].includes(body.status))
          throw new Error(`upload ended as ${JSON.stringify(body)}`);
        await new Promise((next) => setTimeout(next, 20));
      }
    },
    async importCsv(csv, fields) {
      const sent = await api.upload(csv, fields);
      if (sent.status !== 202) throw new Error(`upload answered ${sent.status} ${JSON.stringify(sent.body)}`);
      await api.settled(sent.body.id);
      return sent.body.id as string;
    },
  };
  return api;
}
