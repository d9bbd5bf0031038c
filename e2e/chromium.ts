import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnv } from "#root/env.ts";

/** How to launch the browser of the tests and benchmarks. */
export interface Browser {
  /** Undefined: Playwright's own (`npx playwright install chromium`). */
  executablePath: string | undefined;
  args: string[];
  env: NodeJS.ProcessEnv;
}

const root = fileURLToPath(new URL("../", import.meta.url));
const packageDir = join(root, "node_modules/@sparticuz/chromium");

/**
 * Chromium as npm brought it (Linux x64), unpacked once into node_modules/.cache. Its `--single-process` and
 * `--no-zygote` are left out: with them one browser context's fetch carried another's cookie.
 */
export function findBrowser(): Browser {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"];
  if (platform() !== "linux" || arch() !== "x64")
    return { executablePath: undefined, args: [], env: childEnv({}) };
  const dir = unpack();
  const executablePath = join(dir, "chromium");
  const env: Record<string, string> = {};
  if (!starts(executablePath, env)) env.LD_LIBRARY_PATH = join(dir, "al2023", "lib");
  if (!existsSync("/etc/fonts")) env.FONTCONFIG_PATH = join(dir, "fonts");
  if (!starts(executablePath, env))
    throw new Error(`Chromium does not start on this machine: ${executablePath}`);
  return { executablePath, args, env: childEnv(env) };
}

const starts = (executablePath: string, env: Record<string, string>): boolean =>
  spawnSync(executablePath, ["--version"], { env: childEnv(env) }).status === 0;

/** The package unpacks into the folder for temporary files, whoever's those are: give it one of our own. */
function unpack(): string {
  const { version } = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")) as {
    version: string;
  };
  const dir = join(root, "node_modules/.cache", `chromium-${version}`);
  if (existsSync(dir)) return dir;
  const half = `${dir}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  const script = `
    const { default: chromium, inflate } = await import("@sparticuz/chromium");
    await chromium.executablePath();
    await inflate(${JSON.stringify(join(packageDir, "bin/al2023.tar.br"))});`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: root,
    env: childEnv({ TMPDIR: half }),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Chromium could not be unpacked:\n${stderr}`);
  try {
    renameSync(half, dir);
  } catch (error) {
    // another process was faster
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
  return dir;
}
