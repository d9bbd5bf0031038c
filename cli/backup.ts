import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type BackupResult, backUp, restore } from "#db/backup.ts";
import { listMissingKeys } from "#db/check-keys.ts";
import type { Command } from "./command.ts";
import { Problem } from "./problem.ts";

export const backup: Command = async ([file, ...rest], { databaseUrl, print, note }) => {
  if (!file || rest.length > 0) throw new Problem("Say where to: npm run cli -- backup FILE");
  const path = resolve(file);
  if (await stat(path).catch(() => null)) throw new Problem(`${path} is there already: choose another name.`);
  const result = await backUp(databaseUrl, path);
  print(summary(`Wrote ${path}`, result));
  if (result.keyIds.length > 0)
    note(
      `Keep the secret keys ${result.keyIds.join(", ")} apart from it: without them the keys of connected sources must be given again.`,
    );
};

export const restoreBackup: Command = async ([file, ...rest], { env, databaseUrl, print, note }) => {
  if (!file || rest.length > 0) throw new Problem("Say from what: npm run cli -- restore FILE");
  const path = resolve(file);
  const result = await restore(databaseUrl, path).catch((error: Error) => {
    throw new Problem(`Nothing was restored: ${error.message}`);
  });
  print(summary(`Restored ${path}`, result));
  if (result.keyIds.length > 0) print(`It needs the secret keys ${result.keyIds.join(", ")}.`);
  const missing = await listMissingKeys(env, databaseUrl);
  if (missing.length > 0)
    note(
      `Not here yet: ${missing.join(", ")}. Put them into SECRET_KEYS before the start, or give the secrets up: npm run cli -- secrets discard`,
    );
};

function summary(what: string, { rows }: BackupResult): string {
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const count = (name: string) => rows.get(name) ?? 0;
  return `${what}: ${total} rows (${count("organisation") - 1} organisations, ${count("user")} users, ${count("customer")} customers, ${count("upload")} uploads).`;
}
