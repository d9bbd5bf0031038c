import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { childEnv } from "#root/env.ts";

/** A web process without pages, to be killed. */
export interface NodeProcess {
  /** `ws://host:port/collab`. */
  readonly collab: string;
  readonly url: string;
  readonly process: ChildProcess;
  /** kill -9. */
  kill(): Promise<void>;
}

/** @param values of its environment; DATABASE_URL is one */
export async function startNodeProcess(values: Record<string, string>): Promise<NodeProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", "server/rooms/testing-node.ts"], {
    env: childEnv({ PORT: "0", LOG_LEVEL: "silent", NODE_ENV: "test", ...values }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const line = await Promise.race([
    once(createInterface(child.stdout!), "line").then(([text]) => text as string),
    ended.then(([code]) => {
      throw new Error(`a web process ended with ${code} before it listened`);
    }),
  ]);
  const { url } = JSON.parse(line) as { url: string };
  return {
    ...{ url, process: child, collab: `${url.replace("http", "ws")}/collab` },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
