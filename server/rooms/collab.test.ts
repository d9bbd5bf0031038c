import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { closeCodes } from "#collab/close-codes.ts";
import { decodeOwnFrame, serverFrame } from "#collab/protocol.ts";
import { openDocument } from "#collab/state.ts";
import { sql } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { createDoc, loadDoc, setDocClosed } from "#db/queries/collab.ts";
import { deleteOrganisation } from "#db/queries/organisations.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import {
  startTestServer,
  type TestServer,
  testCaller,
  testMember,
  testSession,
  testToken,
} from "../testing.ts";
import { endsInTime } from "../testing-revocation.ts";
import { seedDocument } from "./testing.ts";

let t: TestDatabase;
let web: TestServer;
let token: string;
const sockets: WebSocket[] = [];
const providers: WebsocketProvider[] = [];

beforeAll(async () => {
  // the stock client says so of every frame that is ours
  vi.spyOn(console, "error").mockImplementation(() => {});
  t = await createTestDatabase();
  const limits = {
    requestsPerMinute: 1_000_000,
    collabPerDocument: 3,
    collabPerOrganisation: 40,
    collabBufferedBytes: 256 * 1024,
  };
  web = await startTestServer(t, { LIMITS: JSON.stringify(limits) });
  token = await testToken(t, t.orgA, "editor");
});
afterEach(() => {
  for (const provider of providers.splice(0)) provider.destroy();
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await web.close();
  await t.close();
});

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const address = (docId: string, url = web.url) => `${url.replace("http", "ws")}/collab/${docId}`;
const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 5 });
const widgets = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets");
const title = (doc: Y.Doc) => widgets(doc).get("w1")?.get("title");

async function newDocument(org = t.orgA): Promise<string> {
  const docId = newId();
  await t.app.withOrg(org, (tx) => createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }));
  return docId;
}
const stored = async (docId: string): Promise<Y.Doc> =>
  openDocument((await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId))).pieces);

/** The stock client, which knows nothing of us but the address and a header. */
function stock(docId: string, headers: Record<string, string>, doc = new Y.Doc()): WebsocketProvider {
  class WithHeaders extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, { headers });
      sockets.push(this);
    }
  }
  const provider = new WebsocketProvider(`${web.url.replace("http", "ws")}/collab`, docId, doc, {
    WebSocketPolyfill: WithHeaders as never,
    disableBc: true,
  });
  providers.push(provider);
  return provider;
}

/** A bare socket: its close code, or the status with which it was refused. */
function bare(
  docId: string,
  options: ClientOptions,
  query = "",
  url = web.url,
): { socket: WebSocket; over: Promise<number> } {
  const socket = new WebSocket(`${address(docId, url)}${query}`, options);
  sockets.push(socket);
  socket.on("error", () => {});
  const over = Promise.race([
    once(socket, "close").then(([code]) => code as number),
    once(socket, "unexpected-response").then(([, response]) => (response as IncomingMessage).statusCode ?? 0),
  ]);
  return { socket, over };
}

test("two stock clients edit one document, see each other, and what they wrote is stored", async () => {
  const docId = await newDocument();
  const other = await testToken(t, t.orgA, "owner");
  const [ann, bob] = [stock(docId, bearer(token)), stock(docId, bearer(other))];
  await until(() => expect([ann, bob].every(({ synced }) => synced)).toBe(true));
  ann.awareness.setLocalState({ cursor: 1, user: { name: "The CEO" } });
  widgets(ann.doc).get("w1")?.set("title", "ARR");
  widgets(bob.doc).set("w2", new Y.Map([["type", "series"]]));
  await until(() => expect(widgets(ann.doc).toJSON()).toEqual(widgets(bob.doc).toJSON()));
  await until(() => expect(title(bob.doc)).toBe("ARR"));
  expect(widgets(await stored(docId)).toJSON()).toEqual(widgets(ann.doc).toJSON());
  await until(() =>
    expect(bob.awareness.getStates().get(ann.doc.clientID)).toMatchObject({
      cursor: 1,
      user: { name: `token-editor-${t.orgA.slice(-6)}` },
    }),
  );
  ann.destroy();
  await until(() => expect(bob.awareness.getStates().has(ann.doc.clientID)).toBe(false));
});

describe("before a connection is accepted", () => {
  test("whoever has no credentials, or wrong ones, is told 401; in the address they are none", async () => {
    const docId = await newDocument();
    expect(await bare(docId, {}).over).toBe(401);
    expect(await bare(docId, { headers: bearer("jv_nobody") }).over).toBe(401);
    expect(await bare(docId, { headers: { Authorization: "Basic x" } }).over).toBe(401);
    expect(await bare(docId, {}, `?token=${token}&access_token=${token}`).over).toBe(401);
    expect(await bare(docId, { headers: { Cookie: "session=nonsense", Origin: web.url } }).over).toBe(401);
  });

  test("a page of another origin is told 403, with a token too", async () => {
    const docId = await newDocument();
    const member = await testMember(t, t.orgA, "editor");
    const { secret } = await testSession(t, member);
    const { hostname, port } = new URL(web.url);
    const foreign = [
      "https://evil.example",
      "null",
      `http://sub.${hostname}:${port}`,
      `http://${hostname}:1`,
    ];
    for (const Origin of foreign) {
      expect(await bare(docId, { headers: { Cookie: `session=${secret}`, Origin } }).over).toBe(403);
      expect(await bare(docId, { headers: { ...bearer(token), Origin } }).over).toBe(403);
    }
    expect(await bare(docId, { headers: { Cookie: `session=${secret}` } }).over).toBe(403);
    const own = bare(docId, { headers: { Cookie: `session=${secret}`, Origin: web.url } });
    await once(own.socket, "open");
    await once(bare(docId, { headers: bearer(token) }).socket, "open");
  });

  test("one more than a document takes is told 429, until somebody leaves", async () => {
    const docId = await newDocument();
    const three = Array.from({ length: 3 }, () => bare(docId, { headers: bearer(token) }).socket);
    await Promise.all(three.map((socket) => once(socket, "open")));
    expect(await bare(docId, { headers: bearer(token) }).over).toBe(429);
    three[0]?.close();
    await vi.waitFor(
      async () => {
        const { socket, over } = bare(docId, { headers: bearer(token) });
        expect(await Promise.race([over, once(socket, "open").then(() => "open")])).toBe("open");
      },
      { timeout: 15_000, interval: 50 },
    );
  });
});

test("security row 66: one person's connections are counted, and a token's, over all documents, and refused with 429", async () => {
  const own = await startTestServer(t, { LIMITS: JSON.stringify({ collabPerPerson: 2, collabPerToken: 3 }) });
  const member = await testMember(t, t.orgA, "editor");
  const cookies = await Promise.all(
    [0, 1].map(async () => ({
      Cookie: `session=${(await testSession(t, member)).secret}`,
      Origin: own.url,
    })),
  );
  const other = await testMember(t, t.orgA, "owner");
  const others = { Cookie: `session=${(await testSession(t, other)).secret}`, Origin: own.url };
  const ends: Promise<number>[] = [];
  const enter = async (headers: Record<string, string>) => {
    const { socket, over } = bare(await newDocument(), { headers }, "", own.url);
    ends.push(over);
    const result = await Promise.race([over, once(socket, "open").then(() => "open")]);
    return { socket, result };
  };
  // one in each of two browsers, and no third in either
  const first = await enter(cookies[0]!);
  expect(first.result).toBe("open");
  expect((await enter(cookies[1]!)).result).toBe("open");
  for (const cookie of cookies) expect((await enter(cookie)).result).toBe(429);
  expect((await enter(others)).result).toBe("open");
  for (let i = 0; i < 3; i++) expect((await enter(bearer(token))).result).toBe("open");
  expect((await enter(bearer(token))).result).toBe(429);
  first.socket.close();
  await vi.waitFor(async () => expect((await enter(cookies[1]!)).result).toBe("open"), {
    timeout: 15_000,
    interval: 50,
  });
  await own.close();
  await Promise.all(ends);
});

describe("a document", () => {
  test("that does not exist, is another organisation's, or is closed is the same nothing", async () => {
    const closed = await newDocument();
    await t.app.withOrg(t.orgA, (tx) => setDocClosed(tx, closed, true));
    for (const docId of [newId(), await newDocument(t.orgB), closed, "x", "%00", "a".repeat(200)])
      expect(await bare(docId, { headers: bearer(token) }).over, docId).toBe(closeCodes.unknown);
  });

  test("of another epoch, or for a page that is too old, is refused by its close code", async () => {
    const docId = await newDocument();
    const { epoch } = await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId));
    const stale = bare(docId, { headers: bearer(token) }, "?e=5&v=1");
    const frames: Uint8Array[] = [];
    stale.socket.on("message", (data) => frames.push(data as Buffer));
    expect(await stale.over).toBe(closeCodes.otherEpoch);
    expect(decodeOwnFrame(frames[0]!)).toEqual({ kind: "epoch", epoch });
    expect(await bare(docId, { headers: bearer(token) }, "?v=0").over).toBe(closeCodes.clientTooOld);
    const right = bare(docId, { headers: bearer(token) }, `?e=${epoch}&v=1`);
    await once(right.socket, "message");
  });

  test("that is closed or gone shows out who has it open", async () => {
    for (const end of ["close", "delete"] as const) {
      const docId = await newDocument();
      const { socket, over } = bare(docId, { headers: bearer(token) });
      await once(socket, "message");
      await t.app.withOrg(t.orgA, (tx) => setDocClosed(tx, docId, true));
      if (end === "delete")
        await t.app.withOrg(t.orgA, (tx) =>
          tx.rows(sql`DELETE FROM collab_doc WHERE org_id = ${tx.orgId} AND doc_id = ${docId}`),
        );
      expect(await over).toBe(closeCodes.unknown);
    }
  });
});

test("a frame of a megabyte and a half, or a text, ends the connection", async () => {
  const docId = await newDocument();
  const big = bare(docId, { headers: bearer(token) });
  await once(big.socket, "open");
  big.socket.send(new Uint8Array(1.5 * 1024 ** 2));
  expect(await big.over).toBe(closeCodes.tooBig);
  const words = bare(docId, { headers: bearer(token) });
  await once(words.socket, "open");
  words.socket.send("hello");
  expect(await words.over).toBe(closeCodes.invalid);
});

test("too many frames at once end the connection; the document is as before", async () => {
  const docId = await newDocument();
  const { socket, over } = bare(docId, { headers: bearer(token) });
  await once(socket, "open");
  for (let i = 0; i < 1_000; i++) socket.send(serverFrame.step1(new Uint8Array([0])));
  expect(await over).toBe(closeCodes.tooMuch);
  expect(title(await stored(docId))).toBe("MRR");
});

describe("within two seconds, while connected,", () => {
  /** A person at a browser who has a document open, and somebody who may change what they may do. */
  async function open(role: "editor" | "viewer" = "editor") {
    const docId = await newDocument();
    const member = await testMember(t, t.orgA, role, `${newId()}@example.com`);
    const { secret, sessionId } = await testSession(t, member);
    const headers = { Cookie: `session=${secret}`, Origin: web.url };
    const { socket, over } = bare(docId, { headers });
    await once(socket, "message");
    const owner = testCaller(t, await testMember(t, t.orgA, "owner"));
    const self = testCaller(t, { ...member, sessionId });
    return { docId, member, self, owner, over, headers };
  }
  test("security row 56: another role is told to connect again, and may then only read", async () => {
    const { docId, member, owner, over, headers } = await open();
    const lower = () => owner.members.setRole({ email: member.email, role: "viewer" });
    expect(await endsInTime(lower, over)).toBe(closeCodes.permissionChanged);
    const again = stock(docId, headers);
    await until(() => expect(again.synced).toBe(true));
    const closed = new Promise((done) => again.on("connection-close", (event) => done(event?.code)));
    widgets(again.doc).get("w1")?.set("title", "not allowed");
    expect(await closed).toBe(closeCodes.forbidden);
    expect(title(await stored(docId))).toBe("MRR");
  });

  test("security row 57: whoever is removed from the organisation is shown out", async () => {
    const { member, owner, over } = await open();
    expect(await endsInTime(() => owner.members.remove({ email: member.email }), over)).toBe(
      closeCodes.forbidden,
    );
  });

  test("security row 59: a token that is deleted takes its connections along, and an organisation everybody's", async () => {
    const orgId = await createTestOrganisation(t.app, "Short-lived");
    const docId = newId();
    await t.app.withOrg(orgId, (tx) =>
      createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
    );
    const owner = testCaller(t, await testMember(t, orgId, "owner"));
    const tokens = [await testToken(t, orgId, "editor"), await testToken(t, orgId, "admin")];
    const open = tokens.map((secret) => bare(docId, { headers: bearer(secret) }));
    await Promise.all(open.map(({ socket }) => once(socket, "message")));
    const { items } = await owner.tokens.list({});
    const revoke = () => owner.tokens.delete({ id: items.find(({ role }) => role === "editor")!.id });
    expect(await endsInTime(revoke, open[0]!.over)).toBe(closeCodes.sessionOver);
    expect(open[1]!.socket.readyState).toBe(WebSocket.OPEN);
    const end = () => t.app.withOrg(orgId, deleteOrganisation);
    expect([closeCodes.forbidden, closeCodes.unknown]).toContain(await endsInTime(end, open[1]!.over));
  });

  test("security row 58: a session that ends takes its connections along, ended here or from another", async () => {
    const { self, over } = await open();
    expect(await endsInTime(() => self.account.signOut(), over)).toBe(closeCodes.sessionOver);
    const other = await open();
    const { items } = await testCaller(t, other.member).sessions.list();
    const kill = () => testCaller(t, other.member).sessions.revoke({ id: items[0]!.id });
    expect(await endsInTime(kill, other.over)).toBe(closeCodes.sessionOver);
  });
});

test("a reader that stops reading is closed; the others go on", { timeout: 60_000 }, async () => {
  const docId = await newDocument();
  const { socket, over } = bare(docId, { headers: bearer(token) });
  await once(socket, "message");
  socket.pause();
  const writer = stock(docId, bearer(token));
  await until(() => expect(writer.synced).toBe(true));
  const isClosed = async () =>
    /closed_total\{code="1013"\} 1/.test(await (await fetch(`${web.url}/metrics`)).text());
  // the kernel's buffers come first
  for (let i = 0; i < 180 && !(await isClosed()); i++)
    writer.doc.transact(() => {
      for (let k = 0; k < 16; k++) widgets(writer.doc).get("w1")?.set(`cfg.x${k}`, `${i}`.padEnd(8_000, "x"));
    });
  await vi.waitFor(async () => expect(await isClosed()).toBe(true), { timeout: 30_000, interval: 20 });
  socket.resume();
  expect([closeCodes.later, 1006]).toContain(await over);
  expect(writer.wsconnected).toBe(true);
});
