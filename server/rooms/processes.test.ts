import { once } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { openDocument } from "#collab/state.ts";
import { newId } from "#db/ids.ts";
import { createDoc, loadDoc } from "#db/queries/collab.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testToken } from "../testing.ts";
import { seedDocument } from "./testing.ts";
import { type NodeProcess, startNodeProcess } from "./testing-process.ts";
import { openSocketClient, type SocketClient } from "./testing-socket.ts";

/** Two web processes on one database, without anything between them but Postgres. */
let t: TestDatabase;
let headers: Record<string, string>;
const processes: NodeProcess[] = [];
const clients: SocketClient[] = [];

async function startNode(): Promise<NodeProcess> {
  const node = await startNodeProcess({ DATABASE_URL: t.url });
  processes.push(node);
  return node;
}

beforeAll(async () => {
  t = await createTestDatabase();
  headers = { Authorization: `Bearer ${await testToken(t, t.orgA, "editor")}` };
}, 60_000);
afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all(processes.map((node) => node.kill()));
  await t.close();
});

async function newDocument(): Promise<string> {
  const docId = newId();
  await t.app.withOrg(t.orgA, (tx) =>
    createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
  );
  return docId;
}
const stored = async (docId: string): Promise<Y.Doc> =>
  openDocument((await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId))).pieces);
const first = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets").get("w1");
const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });
function connect(
  url: string,
  docId: string,
  onAck?: (count: number) => void,
  doc = new Y.Doc(),
): SocketClient {
  const client = openSocketClient(`${url.replace("http", "ws")}/collab/${docId}`, headers, doc, onAck);
  clients.push(client);
  return client;
}

test("a killed process loses nothing that it acknowledged; what one process stored the other shows", {
  timeout: 60_000,
}, async () => {
  const docId = await newDocument();
  const [a, b] = await Promise.all([startNode(), startNode()]);
  const seen = connect(b.url, docId);
  // edit i is frame i + 1: the first is the answer to the server's question
  const writer = connect(a.url, docId);
  await until(() =>
    expect([writer, seen].every(({ state }) => state.synced && state.acked === 1)).toBe(true),
  );
  const killed = once(a.process, "exit");
  let written = 0;
  const timer = setInterval(() => {
    first(writer.doc)?.set(`cfg.k${written}`, written);
    written += 1;
    if (writer.state.acked >= 25) a.process.kill("SIGKILL");
  }, 4);
  await killed;
  clearInterval(timer);
  const acknowledged = writer.state.acked - 1;
  expect(acknowledged).toBeGreaterThanOrEqual(24);
  const state = await stored(docId);
  const missing = Array.from({ length: acknowledged }, (_, k) => k).filter(
    (k) => first(state)?.get(`cfg.k${k}`) !== k,
  );
  expect(missing).toEqual([]);
  await until(() => expect(first(seen.doc)?.toJSON()).toEqual(first(state)?.toJSON()));
  // what was not acknowledged is still with its writer, who brings it to the other process
  const again = connect(b.url, docId, undefined, writer.doc);
  await until(() => expect(again.state.acked).toBe(1));
  expect(first(await stored(docId))?.toJSON()).toEqual(first(writer.doc)?.toJSON());
  await until(() => expect(first(seen.doc)?.toJSON()).toEqual(first(writer.doc)?.toJSON()));
});
