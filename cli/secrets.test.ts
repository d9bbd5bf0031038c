import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inspectKeys, requireKeys } from "#db/check-keys.ts";
import { newId } from "#db/ids.ts";
import { createKeySource, findKeyRing } from "#db/key-ring.ts";
import { createSecrets, type Secrets } from "#db/secrets.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { type Env, parseEnv } from "#root/env.ts";
import { secrets } from "./secrets.ts";

const place = { table: "source", column: "credentials", rowId: newId() };
let t: TestDatabase;
let dir: string;
let env: Env;
let running: Secrets;

beforeAll(async () => {
  t = await createTestDatabase();
  dir = await mkdtemp(join(tmpdir(), "jarvis360-secrets-"));
  env = parseEnv({ NODE_ENV: "test", DATA_DIR: dir });
  await requireKeys(env, t.url);
  running = createSecrets(createKeySource(env));
});
afterAll(async () => {
  await t.close();
  await rm(dir, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<string> {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  await secrets(args, { env, databaseUrl: t.url, isOurs: false, note: say, print: say });
  return said.join("\n");
}

test("a new key seals from now on, while a product that was running goes on", async () => {
  const sealed = await t.app.withOrg(t.orgA, (tx) => running.seal(tx, place, "secret"));
  const [first] = findKeyRing(env)?.ids ?? [];
  const said = await run("rotate");
  const ids = findKeyRing(env)?.ids ?? [];
  expect(ids).toHaveLength(2);
  expect(ids[1]).toBe(first);
  expect(said).toContain(`1 organisations' keys are sealed with ${ids[0]} now.`);
  expect(said).toContain(`Nothing here needs ${first} any more; backups from before do.`);
  expect(await t.app.withOrg(t.orgA, (tx) => running.open(tx, place, sealed))).toBe("secret");
  const other = await t.app.withOrg(t.orgB, (tx) => running.seal(tx, place, "of B"));
  expect(await t.app.withOrg(t.orgB, (tx) => running.open(tx, place, other))).toBe("of B");
  expect(await inspectKeys(env, t.url)).toMatchObject({ ok: true });
});

test("what is given up is asked for twice", async () => {
  await expect(run("discard")).rejects.toThrow(/secrets discard --yes/);
  await expect(run()).rejects.toThrow(/secrets rotate/);
  expect(await run("discard", "--yes")).toContain("0 sources wait");
});
