import { afterAll, beforeAll, expect, test } from "vitest";
import { listRestatementChanges } from "#db/queries/restatements.ts";
import { getUpload, requestImport, requestUndo } from "#db/queries/uploads.ts";
import { receiveUpload, uploadFingerprint } from "#db/receive-upload.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { parseEnv } from "#root/env.ts";
import { testMember } from "#server/testing.ts";
import type { RunningWorkers } from "../runner.ts";
import { startWorkers } from "../start-workers.ts";

let t: TestDatabase;
let workers: RunningWorkers;
beforeAll(async () => {
  t = await createTestDatabase();
  workers = await startWorkers({ env: parseEnv({}), databaseUrl: t.url });
});
afterAll(async () => {
  await workers.stop();
  await t.close();
});

async function send(orgId: string, text: string, createdBy: string): Promise<string> {
  async function* source() {
    yield Buffer.from(text);
  }
  const { row } = await receiveUpload(t.app, orgId, {
    source: source(),
    fileName: "file.csv",
    createdBy,
    maxBytes: 2 ** 20,
    asked: async () => ({ request: {}, dryRun: false }),
  });
  return row.id;
}

const until = (orgId: string, id: string, status: string) =>
  expect
    .poll(async () => (await t.app.withOrg(orgId, (tx) => getUpload(tx, id))).status, {
      timeout: 20_000,
      interval: 30,
    })
    .toBe(status);

test("the log names who uploaded, who undid and who imported again, through the queue", {
  timeout: 60_000,
}, async () => {
  const [ada, grace, edsger] = [
    await testMember(t, t.orgA, "editor", "ada@example.com"),
    await testMember(t, t.orgA, "admin", "grace@example.com"),
    await testMember(t, t.orgA, "owner", "edsger@example.com"),
  ];
  const header = "customer_id,amount,started_at\n";
  await until(t.orgA, await send(t.orgA, `${header}a,100,2025-01-01\n`, ada.userId), "done");
  const id = await send(t.orgA, `${header}b,50,2025-02-01\n`, ada.userId);
  await until(t.orgA, id, "done");
  await t.app.withOrg(t.orgA, (tx) => requestUndo(tx, id, grace.userId));
  await until(t.orgA, id, "undone");
  await t.app.withOrg(t.orgA, (tx) =>
    requestImport(
      tx,
      id,
      {},
      (sha256) => uploadFingerprint(sha256, { request: {}, dryRun: false }),
      edsger.userId,
    ),
  );
  await until(t.orgA, id, "done");

  const { items } = await t.app.withOrg(t.orgA, (tx) => listRestatementChanges(tx, { limit: 10 }));
  expect(items.map(({ cause, actor }) => [cause, actor])).toEqual([
    ["upload", "edsger@example.com"],
    ["undo", "grace@example.com"],
    ["upload", "ada@example.com"],
  ]);
  const theirs = await t.app.withOrg(t.orgB, (tx) => listRestatementChanges(tx, { limit: 10 }));
  expect(theirs.items).toEqual([]);
});
