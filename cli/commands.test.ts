import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { parseEnv } from "#root/env.ts";
import { backup, restoreBackup } from "./backup.ts";
import type { Command } from "./command.ts";
import { demo } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { importFile } from "./import.ts";
import { migrateDatabase } from "./migrate.ts";
import { token } from "./token-command.ts";

let t: TestDatabase;
let home: string;
beforeAll(async () => {
  t = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), "jarvis360-cli-"));
});
afterAll(async () => {
  process.exitCode = undefined;
  await t.close();
  await rm(home, { recursive: true, force: true });
});

/** Runs a command as cli.ts does. */
async function run(command: Command, ...args: string[]) {
  process.exitCode = undefined;
  const printed: string[] = [];
  const noted: string[] = [];
  await command(args, {
    env: parseEnv({ DATABASE_URL: t.url, DATA_DIR: home, PORT: "0" }),
    databaseUrl: t.url,
    isOurs: false,
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
  });
  const code = process.exitCode;
  process.exitCode = undefined;
  return { printed, noted, code };
}

describe("the terminal", () => {
  test("prints a token alone on standard output", async () => {
    const { printed } = await run(token, "create", "--org", "Acme", "--email", "ada@acme.example");
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(/^jv_[0-9a-f]{32}_\S+$/);
  });

  test("says what is missing or wrong about a token", async () => {
    await expect(run(token, "create", "--email", "ada@acme.example")).rejects.toThrow("--org NAME");
    await expect(run(token, "create", "--org", "Acme", "--email", "ada")).rejects.toThrow("--email ADDRESS");
    await expect(
      run(token, "create", "--org", "Acme", "--email", "ada@acme.example", "--role", "king"),
    ).rejects.toThrow("owner, admin, editor");
    await expect(run(token, "make")).rejects.toThrow("token create");
  });

  test("imports a file without a worker elsewhere, and tells which rows were rejected", async () => {
    const file = join(home, "subscriptions.csv");
    await writeFile(file, "customer_id,amount,started_at\na,10,2025-01-01\nb,ten,2025-01-01\n");
    const first = await run(importFile, file, "--org", "Acme");
    expect(first.printed[0]).toMatch(/^\S+ done: 2 rows read, 1 imported, 1 rejected$/);
    expect(first.noted.at(-1)).toMatch(/^line 3: /);
    expect(first.code).toBeUndefined();
    const again = await run(importFile, file, "--org", "Acme");
    expect(again.printed).toEqual(first.printed);
    expect(again.noted[0]).toContain("there already");
  });

  test("ends with 1 where a file cannot be imported, and says why", async () => {
    const file = join(home, "riddle.csv");
    await writeFile(file, "one,two\n1,2\n");
    const { printed, noted, code } = await run(importFile, file, "--org", "Acme");
    expect(printed[0]).toContain("needs_mapping");
    expect(noted.length).toBeGreaterThan(0);
    expect(code).toBe(1);
    await expect(run(importFile, join(home, "none.csv"), "--org", "Acme")).rejects.toThrow(
      "There is no file",
    );
    await expect(run(importFile, file, "--org", "Acme", "--kind", "poem")).rejects.toThrow(
      "There is no kind",
    );
  });

  test("loads the demo once", { timeout: 60_000 }, async () => {
    expect((await run(demo)).printed).toEqual(["Demo company: 640 customers."]);
    expect((await run(demo)).printed).toEqual(["Demo company: 640 customers, was there already."]);
  });

  test("backs up, does not overwrite, and does not restore over what is there", async () => {
    const file = join(home, "all.backup");
    const { printed } = await run(backup, file);
    expect(printed[0]).toMatch(/641 customers, 7 uploads/);
    await expect(run(backup, file)).rejects.toThrow("is there already");
    await expect(run(restoreBackup, file)).rejects.toThrow("not empty");
  });

  test("finds nothing wrong with a database that is well, and nothing to migrate", async () => {
    expect((await run(migrateDatabase)).printed).toEqual(["The database is of this version already."]);
    await expect(run(migrateDatabase, "now")).rejects.toThrow("now");
    await expect(run(doctor, "--json")).rejects.toThrow("--json");
    const { printed, code } = await run(doctor);
    expect(printed.filter((line) => line.startsWith("✗"))).toEqual([]);
    expect(code).toBeUndefined();
  });
});
