import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { Redis } from "ioredis";
import { env } from "#root/env.ts";

/** A Redis of a test's own, on a free port, that forgets everything when it ends. */
export interface RedisServer {
  readonly url: string;
  /** kill -9. */
  die(): Promise<void>;
  /** On the same port. */
  comeBack(): Promise<void>;
  /** Messages that it was given to pass on, since it started. */
  published(): Promise<number>;
  close(): Promise<void>;
}

/** The program to start; null where there is none. `REDIS_SERVER` promises one: then it is an error not to have it. */
export function findRedisServer(): string | null {
  const promised = env().REDIS_SERVER;
  const program = promised ?? "redis-server";
  const { status } = spawnSync(program, ["--version"], { stdio: "ignore" });
  if (status !== 0 && promised !== null) throw new Error(`REDIS_SERVER: ${program} cannot be started`);
  return status === 0 ? program : null;
}

/** What the name of a suite says that needs one. */
export const redisOrSkipped = (program: string | null): string =>
  program === null
    ? "a real Redis (SKIPPED: there is no redis-server here; .ci/run installs it)"
    : "a real Redis";

export async function startRedisServer(program: string): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const settings = {
      port,
      bind: "127.0.0.1",
      save: "",
      appendonly: "no",
      daemonize: "no",
      loglevel: "warning",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    child = spawn(program, args, { stdio: "ignore", cwd: "/" });
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`redis-server ended with ${code}`);
    });
    ended.catch(() => {});
    await Promise.race([ended, answers(port)]);
  }

  async function die(): Promise<void> {
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    child = null;
  }

  await start();
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    die,
    comeBack: start,
    async published() {
      const client = new Redis(url, { maxRetriesPerRequest: 1 });
      const stats = await client.info("commandstats");
      client.disconnect();
      return Number(/cmdstat_publish:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    },
    close: die,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Resolves when it takes connections. */
async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isThere) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}
