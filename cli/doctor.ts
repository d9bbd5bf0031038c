import { access, constants, statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { inspectKeys } from "#db/check-keys.ts";
import { type Finding, inspectDatabase } from "#db/inspect.ts";
import { inspectSources } from "#db/inspect-sources.ts";
import type { Command, CommandContext } from "./command.ts";
import { isPortFree } from "./port.ts";

const gigabyte = 1024 ** 3;

/** Looks for what could be wrong, one line each; exits 1 when something is. */
export const doctor: Command = async (args, context) => {
  parseArgs({ args });
  const findings = [
    node(),
    ...(await folder(context)),
    ...(await inspectDatabase(context.databaseUrl)),
    await inspectKeys(context.env, context.databaseUrl),
    // a database that is away or empty has its line already
    ...(await inspectSources(context.databaseUrl).then(
      (finding) => [finding],
      () => [],
    )),
    await port(context),
    mail(context),
  ];
  for (const { ok, text } of findings) context.print(`${ok ? "✓" : "✗"} ${text}`);
  const wrong = findings.filter(({ ok }) => !ok).length;
  context.print(wrong === 0 ? "\nAll is well." : `\n${wrong} of ${findings.length} need attention.`);
  if (wrong > 0) process.exitCode = 1;
};

function node(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return {
    ok: major >= 22,
    text: `Node ${process.versions.node}${major >= 22 ? "" : ": 22.18 or newer is needed"}`,
  };
}

async function folder({ env }: CommandContext): Promise<Finding[]> {
  const dir = resolve(env.DATA_DIR);
  if (env.DATABASE_URL) return [{ ok: true, text: "The data is in the Postgres of DATABASE_URL" }];
  const writable = await access(dir, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return [{ ok: false, text: `The data folder ${dir} cannot be written` }];
  const disk = await statfs(dir);
  const free = disk.bavail * disk.bsize;
  return [
    { ok: true, text: `The data folder is ${dir}` },
    { ok: free > gigabyte, text: `${(free / gigabyte).toFixed(1)} GB are free on its disk` },
  ];
}

async function port({ env, isOurs }: CommandContext): Promise<Finding> {
  if (!isOurs) return { ok: true, text: "Jarvis360 is running" };
  const free = await isPortFree(env.PORT, env.HOST);
  return { ok: free, text: `Port ${env.PORT} is ${free ? "free" : "in use by another program: set PORT"}` };
}

const mail = ({ env }: CommandContext): Finding => ({
  ok: true,
  text: env.SMTP_URL ? "Mail goes out through SMTP_URL" : "Mail stays in the Outbox: SMTP_URL is not set",
});
