import { once } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { closeCodes } from "#collab/close-codes.ts";
import { openDocument } from "#collab/state.ts";
import { newId } from "#db/ids.ts";
import { createDoc, loadDoc } from "#db/queries/collab.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testToken } from "../testing.ts";
import { seedDocument } from "./testing.ts";
import { type NodeProcess, startNodeProcess } from "./testing-process.ts";
import { openSocketClient } from "./testing-socket.ts";

const people = 40;

let t: TestDatabase;
let node: NodeProcess;
beforeAll(async () => {
  t = await createTestDatabase();
  node = await startNodeProcess({ DATABASE_URL: t.url });
}, 60_000);
afterAll(async () => {
  await node?.kill();
  await t.close();
});

const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });

test("security row 4: a process that is told to end under load says so first, stores what was taken, answers what was asked", {
  timeout: 60_000,
}, async () => {
  const headers = { Authorization: `Bearer ${await testToken(t, t.orgA, "editor")}` };
  const docId = newId();
  await t.app.withOrg(t.orgA, (tx) =>
    createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
  );
  const clients = Array.from({ length: people }, () => openSocketClient(`${node.collab}/${docId}`, headers));
  await until(() => expect(clients.every(({ state }) => state.synced && state.acked === 1)).toBe(true));
  const widget = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets").get("w1");

  // edits, requests and a look at its readiness, until it is gone
  const answers: number[] = [];
  const ready: number[] = [];
  let isOver = false;
  const exited = once(node.process, "exit").then(([code]) => {
    isOver = true;
    return code as number | null;
  });
  const refusedBefore: string[] = [];
  let wasTold = false;
  const repeat = async (url: string, init: RequestInit, into: number[]): Promise<void> => {
    while (!isOver) {
      const sentBefore = !wasTold;
      const status = await fetch(url, init).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => null,
      );
      if (status !== null) into.push(status);
      else if (sentBefore) refusedBefore.push(url);
      else return;
    }
  };
  const body = JSON.stringify({ title: "Made under load" });
  const post = { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } };
  const asking = [
    repeat(`${node.url}/api/v1/dashboards`, post, answers),
    repeat(`${node.url}/api/v1/dashboards`, post, answers),
    repeat(`${node.url}/readyz`, {}, ready),
  ];
  let written = 0;
  const writing = setInterval(() => {
    written += 1;
    const { doc } = clients[written % people]!;
    widget(doc)?.set(`cfg.k${written}`, written);
  }, 5);
  await until(() => expect(answers.length > 3 && written > 50).toBe(true));
  wasTold = true;
  node.process.kill("SIGTERM");
  expect(await exited).toBe(0);
  clearInterval(writing);
  await Promise.all(asking);

  expect(refusedBefore).toEqual([]);
  expect([...new Set(answers)].filter((status) => status !== 201 && status !== 503)).toEqual([]);
  expect(ready[0]).toBe(200);
  // once it says that it ends, it never says otherwise
  const firstNo = ready.indexOf(503);
  expect(firstNo).toBeGreaterThan(0);
  expect(ready.slice(firstNo).filter((status) => status === 200)).toEqual([]);
  await until(() =>
    expect(new Set(clients.map(({ state }) => state.closed))).toEqual(new Set([closeCodes.restarting])),
  );
  const stored = openDocument((await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId))).pieces);
  const updates = clients.flatMap(({ state }) => state.frames.slice(0, state.acked));
  expect(updates.length).toBeGreaterThan(people + 50);
  let missing = 0;
  stored.on("update", () => {
    missing += 1;
  });
  for (const update of updates) Y.applyUpdate(stored, update);
  expect(missing).toBe(0);
});
