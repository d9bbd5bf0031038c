import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { serverFrame } from "#collab/protocol.ts";
import { newId } from "#db/ids.ts";
import { createDoc } from "#db/queries/collab.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testToken } from "../testing.ts";
import { seedDocument } from "./testing.ts";
import { type NodeProcess, startNodeProcess } from "./testing-process.ts";

const many = 1_000;
const documents = 8;
const mostLagMs = 200;

let t: TestDatabase;
let node: NodeProcess;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  t = await createTestDatabase();
  const limits = { requestsPerMinute: 1_000_000, collabPerOrganisation: 2 * many, collabPerToken: 2 * many };
  node = await startNodeProcess({ DATABASE_URL: t.url, LIMITS: JSON.stringify(limits) });
}, 120_000);
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await node?.kill();
  await t.close();
});

/** How late this machine lets an idle thread run, at worst: others use it too. */
async function watchMachine(): Promise<() => Promise<number>> {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const lag = require("node:perf_hooks").monitorEventLoopDelay({ resolution: 10 });
     lag.enable();
     parentPort.on("message", () => parentPort.postMessage(lag.max / 1e6));
     parentPort.postMessage("ready");`,
    { eval: true },
  );
  await once(worker, "message");
  return async () => {
    worker.postMessage("how late?");
    const [worst] = (await once(worker, "message")) as [number];
    await worker.terminate();
    return worst;
  };
}

/** The longest that the server's loop kept everybody waiting since the last call, in milliseconds. */
async function lagOfServer(): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  const [, seconds] = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text) ?? [];
  return Number(seconds) * 1_000;
}

/** Resolves when the document has come. @throws Error with the status or code by which it was refused */
async function arrive(docId: string, headers: Record<string, string>): Promise<void> {
  const socket = new WebSocket(`${node.collab}/${docId}`, { headers, perMessageDeflate: false });
  sockets.push(socket);
  await new Promise<void>((done, fail) => {
    socket.once("unexpected-response", (_req, { statusCode }) => fail(new Error(`HTTP ${statusCode}`)));
    socket.once("error", fail);
    socket.once("close", (code) => fail(new Error(`closed ${code}`)));
    socket.once("open", () => socket.send(serverFrame.step1(new Uint8Array([0]))));
    // a step 2: the answer to the question above
    socket.on("message", (data: Buffer) => data[0] === 0 && data[1] === 1 && done());
  });
}

test("security row 28: a thousand connections at once to a process that has just started are all served, and its loop stays free", {
  timeout: 120_000,
}, async () => {
  const headers = { Authorization: `Bearer ${await testToken(t, t.orgA, "editor")}` };
  const docIds = Array.from({ length: documents }, () => newId());
  await t.app.withOrg(t.orgA, async (tx) => {
    for (const docId of docIds)
      await createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state });
  });
  const machine = await watchMachine();
  await lagOfServer();
  const arrivals = Array.from({ length: many }, (_, index) =>
    arrive(docIds[index % documents] ?? "", headers),
  );
  const refused = (await Promise.allSettled(arrivals)).filter(({ status }) => status === "rejected");
  expect(refused).toEqual([]);
  const lag = await lagOfServer();
  expect(lag, "milliseconds, over what the machine itself took").toBeLessThan(mostLagMs + (await machine()));
});
