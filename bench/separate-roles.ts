import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Cluster, ensureDatabase, freePort, startCluster } from "#db/embedded.ts";
import { collect, endChild, untilReady } from "#root/e2e/started-product.ts";
import { childEnv, type Limits } from "#root/env.ts";
import { buildIfStale } from "../cli/build.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The product with its roles apart: Postgres, one web process, one worker process. */
export interface SeparateRoles {
  url: string;
  databaseUrl: string;
  cluster: Cluster;
  web: ChildProcess;
  worker: ChildProcess;
  /** Prints of `npm run -s cli -- …`. */
  cli(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** As `npm run` would start it, without npm's own process in between. */
function scriptArguments(role: "web" | "worker"): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  return scripts[role]!.split(" ").slice(1);
}

export async function startSeparateRoles(
  note: (text: string) => void,
  limits: Partial<Limits> = {},
  settings: Record<string, string> = {},
): Promise<SeparateRoles> {
  await buildIfStale(() => note("building the pages …"));
  const home = await mkdtemp(join(tmpdir(), "jarvis360-bench-"));
  await chmod(home, 0o755);
  const cluster = await startCluster({ dir: join(home, "postgres") });
  const databaseUrl = await ensureDatabase(cluster, "jarvis360");
  const port = await freePort();
  const env = childEnv({
    DATABASE_URL: databaseUrl,
    DATA_DIR: home,
    PORT: String(port),
    HOST: "127.0.0.1",
    BASE_URL: "",
    LOG_LEVEL: "warn",
    LIMITS: JSON.stringify({ requestsPerMinute: 1_000_000, ...limits }),
    ...settings,
  });
  const start = (role: "web" | "worker") =>
    spawn(process.execPath, scriptArguments(role), { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  const web = start("web");
  const said = collect(web);
  const url = `http://localhost:${port}`;
  await untilReady(web, url).catch((error: unknown) => {
    throw new Error(`The web role did not start:\n${said.all()}`, { cause: error });
  });
  const worker = start("worker");
  await once(worker.stdout!, "data");
  return {
    url,
    databaseUrl,
    cluster,
    web,
    worker,
    async cli(...args) {
      const command = spawn(process.execPath, ["--import", "tsx", "cli.ts", ...args], {
        cwd: root,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const output = collect(command);
      const [code] = (await once(command, "close")) as [number];
      if (code !== 0) throw new Error(`cli ${args.join(" ")} failed:\n${output.all()}`);
      return output.out().trim();
    },
    async stop() {
      await Promise.all([endChild(web), endChild(worker)]);
      await cluster.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
