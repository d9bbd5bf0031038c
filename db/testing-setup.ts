import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureDatabase, startCluster } from "./embedded.ts";
import { migrate } from "./migrate.ts";
import { templateDatabase } from "./testing.ts";

/** vitest's globalSetup: one cluster for the run, on a free port, with a migrated template. */
export default async function setup(project: TestProject) {
  const home = await mkdtemp(join(tmpdir(), "jarvis360-test-"));
  await chmod(home, 0o755);
  const cluster = await startCluster({
    dir: join(home, "postgres"),
    durable: false,
    settings: { max_connections: "200" },
  });
  const teardown = async () => {
    await cluster.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await migrate(await ensureDatabase(cluster, templateDatabase));
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("clusterUrl", cluster.url("postgres"));
  return teardown;
}
