import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureDatabase, startCluster } from "./embedded.ts";
import { ClusterInUse } from "./embedded-lock.ts";

let home: string;
let dir: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "jarvis360-embedded-"));
  // the user postgres must be able to enter, where the tests run as root
  await chmod(home, 0o755);
  dir = join(home, "data", "postgres");
});
afterAll(() => rm(home, { recursive: true, force: true }));

const start = () => startCluster({ dir, durable: false, settings: { shared_buffers: "16MB" } });

async function ask(url: string, query: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: query, rowMode: "array" })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

describe("the embedded cluster", { timeout: 60_000 }, () => {
  test("keeps its data and password over a stop and a start", async () => {
    const first = await start();
    const url = await ensureDatabase(first, "kept");
    await ask(url, "CREATE TABLE note AS SELECT 'still here' AS text");
    await first.stop();
    const second = await start();
    try {
      expect(await ask(second.url("kept"), "SELECT text FROM note")).toBe("still here");
    } finally {
      await second.stop();
    }
  });

  test("refuses a second start while its owner lives, and names the owner", async () => {
    const first = await start();
    try {
      const refused = await start().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ClusterInUse);
      expect(refused).toMatchObject({ ownerPid: process.pid });
    } finally {
      await first.stop();
    }
  });

  test("survives the postmaster.pid that a crash leaves behind, whoever has that process number now", async () => {
    const first = await start();
    const pidFile = await readFile(join(dir, "postmaster.pid"), "utf8");
    const killed = once(first.process, "exit");
    process.kill(first.process.pid!, "SIGKILL");
    await killed;
    await writeFile(join(dir, "postmaster.pid"), pidFile.replace(/^\d+/, String(process.pid)));
    const second = await start();
    try {
      expect(await ask(second.url("kept"), "SELECT text FROM note")).toBe("still here");
    } finally {
      await second.stop();
    }
  });

  test("ends the Postgres whose owner was killed, and starts anew", async () => {
    const embedded = fileURLToPath(new URL("./embedded.ts", import.meta.url));
    const script = `const { startCluster } = await import(${JSON.stringify(embedded)});
      const cluster = await startCluster({ dir: ${JSON.stringify(dir)}, durable: false });
      console.log(cluster.process.pid); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = (await once(owner.stdout, "data")) as [Buffer];
    const gone = once(owner, "exit");
    owner.kill("SIGKILL");
    await gone;
    process.kill(Number(pid.toString()), 0);
    const second = await start();
    try {
      expect(await ask(second.url("kept"), "SELECT text FROM note")).toBe("still here");
    } finally {
      await second.stop();
    }
  });
});
