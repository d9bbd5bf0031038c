import { requireKeys } from "#db/check-keys.ts";
import { addKeyToFile, findKeyRing, keyFileOf, noKeys } from "#db/key-ring.ts";
import { countOldKeys, discardUnreadable, rotateDataKeys } from "#db/rotate-keys.ts";
import type { Command, CommandContext } from "./command.ts";
import { Problem } from "./problem.ts";

const usage = `Say what to do with the keys for secrets:

  secrets rotate            seals every organisation's key with the newest one
  secrets discard --yes     gives up secrets that no key opens any more; sources then ask for theirs again`;

export const secrets: Command = async ([what, ...rest], context) => {
  if (what === "rotate" && rest.length === 0) return rotate(context);
  if (what === "discard") return discard(rest, context);
  throw new Problem(usage);
};

/** Run again after it was cut off, it goes on where it was. */
async function rotate({ env, databaseUrl, print, note }: CommandContext): Promise<void> {
  await requireKeys(env, databaseUrl);
  let ring = findKeyRing(env);
  if (!ring) throw noKeys(env);
  const unfinished = await countOldKeys(databaseUrl, ring);
  const isFile = env.SECRET_KEYS === null;
  if (isFile && unfinished === 0) {
    ring = addKeyToFile(env);
    note(`Made the key ${ring.primary.id} in ${keyFileOf(env)}.`);
  }
  const sealed = await rotateDataKeys(databaseUrl, ring);
  print(`${sealed} organisations' keys are sealed with ${ring.primary.id} now.`);
  const older = ring.ids.slice(1);
  if (older.length > 0)
    note(
      `Nothing here needs ${older.join(", ")} any more; backups from before do. Take it out of ${isFile ? keyFileOf(env) : "SECRET_KEYS"} when those are gone.`,
    );
  else if (!isFile && sealed === 0)
    note("To change the key, put a new one in front of SECRET_KEYS, restart, and run this again.");
}

async function discard(rest: readonly string[], { env, databaseUrl, print }: CommandContext): Promise<void> {
  if (rest.join(" ") !== "--yes")
    throw new Problem(
      "This gives up stored keys of connected sources for good. To go on: npm run cli -- secrets discard --yes",
    );
  const sources = await discardUnreadable(databaseUrl, findKeyRing(env));
  print(`${sources} sources wait for their keys to be given again. Everything else is as it was.`);
}
