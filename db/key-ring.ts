import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Env, EnvError } from "#root/env.ts";
import { type Key, keyIdPattern } from "./seal.ts";

/** The keys of SECRET_KEYS: the first one seals, all of them open. */
export interface KeyRing {
  readonly primary: Key;
  find(id: string): Key | null;
  readonly ids: readonly string[];
}

/** Where this process has its ring from; read at the first need, and again when another process may have changed it. */
export interface KeySource {
  /** @throws EnvError when there are no keys, or keys that cannot be used */
  get(): KeyRing;
  /** The ring as it is now: the file in DATA_DIR changes when keys are rotated; the environment does not. */
  reload(): KeyRing;
}

type Settings = Pick<Env, "SECRET_KEYS" | "DATA_DIR">;

const keyBytes = 32;

/**
 * @param text `kid:base64` of 32 bytes each, separated by commas or lines
 * @throws EnvError that says which one cannot be used, never what it is
 */
export function parseKeyRing(text: string): KeyRing {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseKey);
  const [primary] = keys;
  if (!primary) throw new EnvError("SECRET_KEYS holds no key: kid:base64 of 32 bytes.");
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size < keys.length)
    throw new EnvError("SECRET_KEYS names two keys alike: give each its own name.");
  return { primary, find: (id) => byId.get(id) ?? null, ids: [...byId.keys()] };
}

function parseKey(entry: string, index: number): Key {
  const [id = "", text = "", ...rest] = entry.split(":");
  // without a name the key itself would stand in its place, and in the message
  if (!keyIdPattern.test(id) || text === "" || rest.length > 0)
    throw new EnvError(
      `Key ${index + 1} of SECRET_KEYS is not kid:base64 (letters, digits, - and _ in kid).`,
    );
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== keyBytes)
    throw new EnvError(
      `The key ${id} of SECRET_KEYS has ${bytes.length} bytes, not ${keyBytes}. Make one: openssl rand -base64 32`,
    );
  if (new Set(bytes).size < 8)
    throw new EnvError(`The key ${id} of SECRET_KEYS is not random. Make one: openssl rand -base64 32`);
  return { id, bytes };
}

/** The file that holds the keys where SECRET_KEYS is not set. */
export const keyFileOf = (settings: Settings): string => join(settings.DATA_DIR, "secret-keys");

export function createKeySource(settings: Settings): KeySource {
  let ring: KeyRing | null = null;
  const read = () => {
    const found = findKeyRing(settings);
    if (!found) throw noKeys(settings);
    return found;
  };
  return {
    get() {
      ring ??= read();
      return ring;
    },
    reload() {
      ring = read();
      return ring;
    },
  };
}

export const noKeys = (settings: Settings): EnvError =>
  new EnvError(
    `There are no keys for secrets: set SECRET_KEYS (kid:base64 of 32 bytes; openssl rand -base64 32), or put back ${keyFileOf(settings)}.`,
  );

/** From SECRET_KEYS or the file; null where there is neither. @throws EnvError when what is there cannot be used */
export function findKeyRing(settings: Settings): KeyRing | null {
  if (settings.SECRET_KEYS !== null) return parseKeyRing(settings.SECRET_KEYS);
  const text = readKeyFile(settings);
  return text === null ? null : parseKeyRing(text);
}

/** Makes the file with one key, readable by its owner only. Two processes that do so at once end up with the same. */
export function createKeyFile(settings: Settings): KeyRing {
  mkdirSync(settings.DATA_DIR, { recursive: true });
  writeKeyFile(settings, newKeyLine(), "create");
  const ring = findKeyRing(settings);
  if (!ring) throw noKeys(settings);
  return ring;
}

/** Puts a new key in front of the file's others, which still open what they sealed. */
export function addKeyToFile(settings: Settings): KeyRing {
  writeKeyFile(settings, `${newKeyLine()}${readKeyFile(settings) ?? ""}`, "replace");
  return parseKeyRing(readKeyFile(settings) ?? "");
}

const newKeyLine = (): string =>
  `${new Date().toISOString().slice(0, 10)}-${randomBytes(3).toString("hex")}:${randomBytes(keyBytes).toString("base64")}\n`;

function readKeyFile(settings: Settings): string | null {
  try {
    return readFileSync(keyFileOf(settings), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new EnvError(`The keys in ${keyFileOf(settings)} cannot be read: ${(error as Error).message}`);
  }
}

/** Whole or not at all: what is half written would lock everything away. */
function writeKeyFile(settings: Settings, text: string, how: "create" | "replace"): void {
  const file = keyFileOf(settings);
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  try {
    if (how === "replace") renameSync(draft, file);
    else linkSync(draft, file);
  } catch (error) {
    // somebody else was first
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
