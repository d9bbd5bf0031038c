import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnv } from "#root/env.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
/** What the pages are made from. */
const sources = [
  "app",
  "charts",
  "collab",
  "contracts",
  "metrics",
  "remix.config.js",
  "vite.config.ts",
  "tsconfig.json",
  "package-lock.json",
];
const stampFile = join(root, "build", "stamp");

/**
 * Builds the pages unless the build is of the sources as they are now.
 * @param onBuild is called when a build begins
 * @throws Error with the build's output when it fails
 */
export async function buildIfStale(onBuild: () => void): Promise<void> {
  const now = await fingerprint();
  const built = await readFile(stampFile, "utf8").catch(() => null);
  if (built === now) return;
  onBuild();
  await build();
  await writeFile(stampFile, now);
}

/** Of names, sizes and times of change: reading every file would be slower than it is worth. */
async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources)
    for (const file of await listFiles(source)) {
      const { size, mtimeMs } = await stat(join(root, file));
      hash.update(`${file}\0${size}\0${Math.trunc(mtimeMs)}\0`);
    }
  return hash.digest("hex");
}

async function listFiles(path: string): Promise<string[]> {
  const info = await stat(join(root, path)).catch(() => null);
  if (!info) return [];
  if (info.isFile()) return [path];
  const names = await readdir(join(root, path), { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

function build(): Promise<void> {
  const remix = join(root, "node_modules", "@remix-run", "dev", "dist", "cli.js");
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [remix, "vite:build"], {
      cwd: root,
      env: childEnv({ NODE_ENV: "production", NODE_OPTIONS: "" }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", fail);
    child.once("exit", (code) =>
      code === 0 ? done() : fail(new Error(`The pages could not be built:\n${output}`)),
    );
  });
}
