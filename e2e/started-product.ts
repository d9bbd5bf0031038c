import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "#db/embedded.ts";
import { childEnv } from "#root/env.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const readyWithinMs = 180_000;

/** The product as `npm start` runs it, in a process and a data folder of its own. */
export interface StartedProduct {
  url: string;
  dataDir: string;
  /** Ends the process as Ctrl-C does, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Kills it as a crash does (its Postgres lives on), and starts it again. */
  crash(): Promise<void>;
  /** Tries to start another one, with some settings of its own. @returns what it said before it gave up */
  startAnother(env: Record<string, string>): Promise<{ code: number; said: string }>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Runs a command of cli.ts beside it and returns what it prints. */
  cli(...args: string[]): Promise<string>;
}

export async function startProduct(env: Record<string, string> = {}): Promise<StartedProduct> {
  const dataDir = await mkdtemp(join(tmpdir(), "jarvis360-e2e-"));
  // Postgres' own user must be able to enter, where the tests run as root
  await chmod(dataDir, 0o755);
  const port = await freePort();
  const surroundings = childEnv({
    DATABASE_URL: "",
    BASE_URL: "",
    NODE_ENV: "development",
    LOG_LEVEL: "warn",
    PORT: String(port),
    HOST: "127.0.0.1",
    DATA_DIR: dataDir,
    ...env,
  });
  const url = `http://localhost:${port}`;
  let child = await startChild(surroundings, url);
  return {
    url,
    dataDir,
    async restart() {
      await endChild(child);
      child = await startChild(surroundings, url);
    },
    async crash() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      child = await startChild(surroundings, url);
    },
    async startAnother(own) {
      const other = spawn(process.execPath, ["--import", "tsx", "start.ts"], {
        cwd: root,
        env: { ...surroundings, ...own },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const said = collect(other);
      const [code] = (await once(other, "close")) as [number];
      return { code, said: said.all() };
    },
    async stop() {
      await endChild(child);
      await rm(dataDir, { recursive: true, force: true });
    },
    async cli(...args) {
      const command = spawn(process.execPath, ["--import", "tsx", "cli.ts", ...args], {
        cwd: root,
        env: surroundings,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const said = collect(command);
      const [code] = (await once(command, "close")) as [number];
      if (code !== 0) throw new Error(`cli ${args.join(" ")} failed:\n${said.all()}`);
      return said.out().trim();
    },
  };
}

async function startChild(env: NodeJS.ProcessEnv, url: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", "start.ts"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = collect(child);
  try {
    await untilReady(child, url);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`The product did not start:\n${said.all()}`, { cause: error });
  }
  return child;
}

/** Polls /readyz: there is nothing else to wait on from outside. */
export async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(child.exitCode === null ? "not ready in time" : `ended with ${child.exitCode}`);
}

export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
}

/** Keeps the end of what a process says. */
export function collect(child: ChildProcess): { out(): string; all(): string } {
  let out = "";
  let all = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    all = (all + chunk.toString()).slice(-20_000);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    all = (all + chunk.toString()).slice(-20_000);
  });
  return { out: () => out, all: () => all };
}
