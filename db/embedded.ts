import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import pg from "pg";
import { findHome, type Identity, postgresUser } from "./embedded-binaries.ts";
import { ClusterInUse, claim, takeOver } from "./embedded-lock.ts";

/** A Postgres server of our own, from the binaries that npm brought. */
export interface Cluster {
  /** Connection string of one of its databases, as its superuser. */
  url(database: string): string;
  readonly dir: string;
  readonly port: number;
  /** Ends it in order: running transactions are rolled back, a checkpoint is written. */
  stop(): Promise<void>;
  /** The server process, for tests that kill it. */
  readonly process: ChildProcess;
}

const superuser = "postgres";
const readyWithinMs = 60_000;

/**
 * Starts the cluster in `dir`, making it at the first call. Run as root, Postgres itself runs as the user `postgres`
 * (it refuses to be root); where that user cannot reach the folders, binaries and data go below /var/lib/jarvis360.
 * @param options.durable false: fsync off, for tests
 * @param options.onMove hears where the data went instead of `dir`
 * @throws ClusterInUse when a living process runs it; one that was killed is cleared away
 */
export async function startCluster(options: {
  dir: string;
  port?: number;
  durable?: boolean;
  settings?: Record<string, string>;
  onMove?: (from: string, to: string) => void;
}): Promise<Cluster> {
  const wanted = resolve(options.dir);
  const runAs = postgresUser();
  const { bin, dir } = await findHome(wanted, runAs);
  if (dir !== wanted) options.onMove?.(wanted, dir);

  const passwordFile = join(dirname(dir), "postgres-password");
  await mkdir(dirname(dir), { recursive: true, mode: 0o755 });
  if (existsSync(join(dir, "PG_VERSION"))) await takeOver(dir);
  else await initialise({ bin, dir, passwordFile, runAs });
  const password = (await readFile(passwordFile, "utf8")).trim();

  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "120",
    shared_buffers: "256MB",
    work_mem: "32MB",
    maintenance_work_mem: "256MB",
    // an import writes hundreds of megabytes of it: with little room it is written a page at a time
    wal_buffers: "64MB",
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    ...(options.durable === false ? inMemoryOnly : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin, "postgres"), ["-D", dir, ...flags], {
    ...runAs,
    cwd: dirname(dir),
    stdio: ["ignore", "ignore", "pipe"],
    // its own group: Ctrl-C reaches us, and we stop it in order
    detached: true,
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  });
  const failed = new Promise<never>((_, fail) => {
    child.once("error", fail);
    child.once("exit", () => {
      // two starts at once: Postgres itself lets only one have the folder
      const lost = output.includes("postmaster.pid");
      fail(lost ? new ClusterInUse(dir, null) : new Error(`Postgres did not start:\n${output}`));
    });
  });
  failed.catch(() => {});
  const url = (database: string) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await Promise.race([failed, untilReady(url("postgres"), child)]);
    await claim(dir);
  } catch (error) {
    child.kill("SIGINT");
    throw error;
  }

  return {
    url,
    dir,
    port,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGINT");
      await ended;
    },
  };
}

const inMemoryOnly = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/** Makes a database unless it is there. */
export async function ensureDatabase(cluster: Cluster, name: string, template?: string): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.url("postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (!rowCount) {
      const from = template ? ` TEMPLATE ${client.escapeIdentifier(template)}` : "";
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}${from}`);
    }
  } finally {
    await client.end();
  }
  return cluster.url(name);
}

/** Makes the cluster beside its place and moves it there when it is whole: a crash leaves no half of one. */
async function initialise(home: {
  bin: string;
  dir: string;
  passwordFile: string;
  runAs: Identity | null;
}): Promise<void> {
  const { bin, dir, passwordFile, runAs } = home;
  const password = randomBytes(24).toString("base64url");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const half = `${dir}.new`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { mode: 0o700 });
  // initdb runs as another user, which cannot read our file
  const shared = join(tmpdir(), `jarvis360-initdb-${randomBytes(8).toString("hex")}`);
  await writeFile(shared, password, { mode: 0o600 });
  if (runAs) {
    await chown(half, runAs.uid, runAs.gid);
    await chown(shared, runAs.uid, runAs.gid);
  }
  try {
    await run(
      join(bin, "initdb"),
      [
        `--pgdata=${half}`,
        "--auth=scram-sha-256",
        `--username=${superuser}`,
        `--pwfile=${shared}`,
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
      ],
      { runAs, cwd: dirname(dir) },
    );
    await rm(dir, { recursive: true, force: true });
    await rename(half, dir);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(shared, { force: true });
  }
}

function run(
  command: string,
  args: string[],
  options: { runAs: Identity | null; cwd: string },
): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      ...options.runAs,
      cwd: options.cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", fail);
    child.on("exit", (code) =>
      code === 0 ? done() : fail(new Error(`${command} failed (${code}):\n${output}`)),
    );
  });
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (child.exitCode === null) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => {});
      if (Date.now() > deadline) throw new Error("Postgres started but did not answer", { cause: error });
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
