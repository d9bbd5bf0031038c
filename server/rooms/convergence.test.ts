import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { dashboardSchema } from "#collab/dashboard-schema.ts";
import { dashboardUndo } from "#collab/dashboard-undo.ts";
import { documentProblem } from "#collab/document-schema.ts";
import { hasPending, openDocument } from "#collab/state.ts";
import { newId } from "#db/ids.ts";
import { createDoc, findDocHead, loadDoc } from "#db/queries/collab.ts";
import { prepareCompaction } from "#db/queries/collab-compact.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { findRedisServer, type RedisServer, startRedisServer } from "#db/testing-redis-server.ts";
import { env } from "#root/env.ts";
import { testToken } from "../testing.ts";
import { seedDocument } from "./testing.ts";
import { type NodeProcess, startNodeProcess } from "./testing-process.ts";
import { type Draw, drawFrom, editAtRandom } from "./testing-random.ts";
import { openSocketClient, type SocketClient } from "./testing-socket.ts";

/**
 * Six people at one dashboard over two web processes. They edit, undo, lose their connection, work without it, come back at the other
 * process, while both processes are killed once. A number decides what happens: TEST_SEED repeats it, TEST_ROUNDS draws more.
 */
const steps = 320;
const killAt = [100, 200];

let t: TestDatabase;
let redis: RedisServer | null = null;
let tokens: string[];
let nodes: (NodeProcess | null)[];
const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 3 });

const startNode = () => startNodeProcess({ DATABASE_URL: t.url, ...(redis ? { REDIS_URL: redis.url } : {}) });

beforeAll(async () => {
  t = await createTestDatabase();
  const program = findRedisServer();
  redis = program ? await startRedisServer(program) : null;
  tokens = await Promise.all(
    (["editor", "admin", "owner"] as const).map((role) => testToken(t, t.orgA, role)),
  );
  nodes = await Promise.all([startNode(), startNode()]);
}, 120_000);
afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node?.kill()));
  await redis?.close();
  await t.close();
});

/** Somebody with a copy of their own, which stays when the connection goes. */
interface Person {
  name: string;
  token: string;
  doc: Y.Doc;
  undo: Y.UndoManager;
  client: SocketClient | null;
  /** Updates that a server said are stored. */
  acknowledged: Uint8Array[];
}

const isBusy = ({ client }: Person) =>
  client !== null && client.state.closed === null && client.state.acked < client.state.frames.length;

function connect(person: Person, docId: string, draw: Draw): void {
  const node = draw.of(nodes.filter((one) => one !== null));
  if (!node) return;
  const { doc, token } = person;
  let counted = 0;
  const client = openSocketClient(
    `${node.collab}/${docId}`,
    { Authorization: `Bearer ${token}` },
    doc,
    (count) => {
      person.acknowledged.push(...client.state.frames.slice(counted, count));
      counted = count;
    },
  );
  person.client = client;
}

function leave(person: Person): void {
  person.client?.close();
  person.client = null;
}

const isOnline = ({ client }: Person) => client !== null && client.state.closed === null;

/** Nobody was refused: only connections that broke, or a server that asks to come again. */
function expectNoRefusal(people: readonly Person[]): void {
  for (const { name, client } of people)
    expect([null, 1005, 1006, 1012, 1013], `${name} was refused`).toContain(client?.state.closed ?? null);
}

/** @returns the acknowledged updates that change what is stored: those that were lost */
async function lost(people: readonly Person[], docId: string): Promise<number> {
  const acknowledged = people.flatMap((person) => person.acknowledged);
  const stored = await load(docId);
  let missing = 0;
  stored.on("update", () => {
    missing += 1;
  });
  for (const update of acknowledged) Y.applyUpdate(stored, update);
  expect(hasPending(stored)).toBe(false);
  return missing;
}

const load = async (docId: string) =>
  openDocument((await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId))).pieces);
const contentOf = (doc: Y.Doc) =>
  Object.fromEntries(["meta", "widgets", "filters"].map((root) => [root, doc.getMap(root).toJSON()]));

async function converge(seed: number): Promise<{ edits: number; acknowledged: number }> {
  const draw = drawFrom(seed);
  const docId = newId();
  await t.app.withOrg(t.orgA, (tx) =>
    createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
  );
  const people = ["Ann", "Bob", "Cem", "Dee", "Eva", "Fay"].map((name, index): Person => {
    const doc = new Y.Doc();
    const token = tokens[index % tokens.length] ?? "";
    return { name, token, doc, undo: dashboardUndo(doc), client: null, acknowledged: [] };
  });
  for (const person of people) connect(person, docId, draw);
  await until(() => expect(people.every(({ client }) => client?.state.synced)).toBe(true));

  let edits = 0;
  let restarting: Promise<void> | null = null;
  const act = async (person: Person): Promise<void> => {
    const what = draw.share();
    if (what < 0.07) leave(person);
    else if (what < 0.2) {
      if (!isOnline(person)) connect(person, docId, draw);
    } else if (what < 0.28) person.undo.undo();
    else if (what < 0.32) person.undo.redo();
    else {
      person.undo.stopCapturing();
      editAtRandom(person.doc, draw, { by: person.name, at: new Date(0).toISOString() });
      edits += 1;
    }
    // sometimes in a hurry, sometimes only when it is saved
    if (draw.share() < 0.5) await until(() => expect(isBusy(person)).toBe(false));
    else await new Promise((done) => setImmediate(done));
  };
  for (let step = 0; step < steps; step++) {
    const person = draw.of(people);
    if (person) await act(person);
    const victim = killAt.indexOf(step);
    if (victim < 0) continue;
    await restarting;
    await nodes[victim]?.kill();
    nodes[victim] = null;
    expect(await lost(people, docId), "acknowledged, and gone after a kill").toBe(0);
    restarting = startNode().then((node) => {
      nodes[victim] = node;
    });
  }
  await restarting;
  expectNoRefusal(people);

  for (const person of people) if (!isOnline(person)) connect(person, docId, draw);
  await until(() => {
    expectNoRefusal(people);
    expect(people.every((person) => person.client?.state.synced && !isBusy(person))).toBe(true);
    const [first, ...others] = people.map(({ doc }) => contentOf(doc));
    for (const other of others) expect(other).toEqual(first);
  });
  const stored = await load(docId);
  for (const { doc } of people) {
    expect(contentOf(doc)).toEqual(contentOf(stored));
    expect(Y.decodeStateVector(Y.encodeStateVector(doc))).toEqual(
      Y.decodeStateVector(Y.encodeStateVector(stored)),
    );
    expect(documentProblem(doc, dashboardSchema)).toBeNull();
    expect(hasPending(doc)).toBe(false);
  }
  expect(await lost(people, docId)).toBe(0);
  // and the log can be made into a snapshot that says the same
  const head = await t.app.withOrg(t.orgA, (tx) => findDocHead(tx, docId));
  const made = await t.worker.withOrg(t.orgA, (tx) => prepareCompaction(tx, docId), { readOnly: true });
  expect(made?.uptoSeq).toBe(head?.headSeq);
  const acknowledged = people.reduce((sum, person) => sum + person.acknowledged.length, 0);
  for (const person of people) leave(person);
  return { edits, acknowledged };
}

const { TEST_ROUNDS: rounds, TEST_SEED: firstSeed } = env();
const seeds = Array.from(
  { length: rounds },
  (_, round) => ((firstSeed ?? Math.floor(Math.random() * 2 ** 32)) + round) % 2 ** 32,
);

test.each(seeds)(
  "whatever six people do over two processes that are killed, all end up with the same (TEST_SEED=%i)",
  {
    timeout: 120_000,
  },
  async (seed) => {
    const { edits, acknowledged } = await converge(seed);
    expect(edits).toBeGreaterThan(100);
    expect(acknowledged).toBeGreaterThan(50);
  },
);
