import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The import rules of `.dependency-cruiser.cjs`, checked. Exits 1 with one line per import that breaks one. */
const root = fileURLToPath(new URL("./", import.meta.url));
const roots = [
  "app",
  "bench",
  "charts",
  "cli",
  "collab",
  "connectors",
  "contracts",
  "db",
  "e2e",
  "metrics",
  "server",
  "workers",
  "cli.ts",
  "env.ts",
  "errors.ts",
  "log.ts",
  "shutdown.ts",
  "start.ts",
].filter((path) => existsSync(root + path));

interface Report {
  modules: { source: string }[];
  summary: {
    violations: { from: string; to: string; rule: { name: string; severity: string } }[];
    ruleSetUsed: { forbidden: { name: string; comment: string }[] };
  };
}

const { stdout, stderr, error } = spawnSync(
  process.execPath,
  [
    "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "json",
    ...roots,
  ],
  { cwd: root, encoding: "utf8", maxBuffer: 256 * 1024 ** 2 },
);
if (error || !stdout.startsWith("{")) {
  console.error(error ?? stderr);
  process.exit(1);
}
const report = JSON.parse(stdout) as Report;

// without a TypeScript that it can read it finds no modules, and no faults: that must not pass for a good result
const cruised = new Set(report.modules.map((module) => module.source));
const missed = roots.flatMap(typescriptFiles).filter((file) => !cruised.has(file));
if (missed.length > 0) {
  console.error(
    `Import rules: ${missed.length} files were not looked at, e.g. ${missed[0]}. Is TypeScript 5 installed?`,
  );
  process.exit(1);
}

const { violations, ruleSetUsed } = report.summary;
const why = new Map(ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));
for (const { from, to, rule } of violations)
  console.error(`${from} → ${to}\n  ${rule.name}: ${why.get(rule.name) ?? ""}`);
console.log(`Import rules: ${cruised.size} modules, ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);

function typescriptFiles(path: string): string[] {
  if (statSync(root + path).isFile()) return [path];
  return readdirSync(root + path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => `${path}/${name.replaceAll("\\", "/")}`);
}
