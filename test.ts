import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./cli/build.ts";
import { childEnv } from "./env.ts";

/**
 * `npm test`: everything there is to check, then one line `N passed, N failed`. A check that is not a suite of tests
 * (lint, types, …) counts as one. Exits 1 when anything failed.
 */
const root = fileURLToPath(new URL("./", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "jarvis360-reports-"));
const script = (path: string) => join(root, "node_modules", path);

interface Count {
  passed: number;
  failed: number;
}

function told(title: string, { ok, began, output }: { ok: boolean; began: number; output: string }): void {
  const seconds = (performance.now() - began) / 1_000;
  console.log(`\n${ok ? "✓" : "✗"} ${title} (${seconds.toFixed(1)} s)`);
  if (output.trim()) console.log(output.trimEnd());
}

/** Runs a program of ours or npm's with Node, its output kept and shown in one piece. */
function run(title: string, args: string[], env: Record<string, string> = {}): Promise<boolean> {
  const began = performance.now();
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: childEnv({ ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }), ...env }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => keep(Buffer.from(String(error))));
    child.once("close", (code) => {
      const ok = code === 0;
      told(title, { ok, began, output });
      done(ok);
    });
  });
}

async function check(title: string, args: string[]): Promise<Count> {
  const ok = await run(title, args);
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A suite that ended without a report (it did not even start) is one failure. */
async function suite(
  title: string,
  args: string[],
  report: string,
  count: (report: unknown) => Count,
  env: Record<string, string> = {},
): Promise<Count> {
  const ok = await run(title, args, env);
  try {
    const counted = count(JSON.parse(readFileSync(report, "utf8")));
    return ok || counted.failed > 0 ? counted : { ...counted, failed: 1 };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
}
interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number };
}

async function lint(): Promise<Count[]> {
  return [
    await check("biome: format and lint", [script("@biomejs/biome/bin/biome"), "check", "."]),
    await check("import rules", ["--import", "tsx", "lint.ts"]),
    await check("knip: nothing unused", [script("knip/bin/knip.js")]),
  ];
}

async function types(): Promise<Count[]> {
  const tsc = script("typescript/bin/tsc");
  return [
    await check("types", [tsc, "-p", "tsconfig.json"]),
    await check("types of metrics, without Node or browser", [tsc, "-p", "metrics/tsconfig.json"]),
  ];
}

/** What the browser tests would build at their start. */
async function build(): Promise<Count> {
  const began = performance.now();
  const failure = await buildIfStale(() => {}).then(
    () => null,
    (error: unknown) => String(error),
  );
  told("build of the pages", { ok: failure === null, began, output: failure ?? "" });
  return failure === null ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const vitestReport = join(reports, "vitest.json");
const playwrightReport = join(reports, "playwright.json");

const counts: Count[] = [];
// the browser tests' pages are built meanwhile: what the one core leaves the other takes
counts.push(...(await Promise.all([lint(), types(), build()])).flat());
counts.push(
  await suite(
    "unit, property and database tests",
    [
      script("vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${vitestReport}`,
    ],
    vitestReport,
    (report) => {
      const { numPassedTests, numFailedTests } = report as VitestReport;
      return { passed: numPassedTests, failed: numFailedTests };
    },
  ),
);
counts.push(
  await suite(
    "browser tests",
    [script("@playwright/test/cli.js"), "test", "-c", "e2e/playwright.config.ts", "--reporter=list,json"],
    playwrightReport,
    (report) => {
      const { expected, unexpected, flaky } = (report as PlaywrightReport).stats;
      return { passed: expected, failed: unexpected + flaky };
    },
    { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport },
  ),
);
rmSync(reports, { recursive: true, force: true });

const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
