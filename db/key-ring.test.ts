import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EnvError } from "#root/env.ts";
import {
  addKeyToFile,
  createKeyFile,
  createKeySource,
  findKeyRing,
  keyFileOf,
  parseKeyRing,
} from "./key-ring.ts";

const random = (seed: number) =>
  Buffer.from(Array.from({ length: 32 }, (_, place) => place * 7 + seed)).toString("base64");

describe("SECRET_KEYS", () => {
  test("is a list of named keys, the first of which seals", () => {
    const ring = parseKeyRing(`2026b:${random(1)}, 2026a:${random(2)}\n`);
    expect(ring.primary.id).toBe("2026b");
    expect(ring.ids).toEqual(["2026b", "2026a"]);
    expect(ring.find("2026a")?.bytes.toString("base64")).toBe(random(2));
    expect(ring.find("2025")).toBeNull();
  });

  test("is refused with words that do not tell the key", () => {
    const short = Buffer.from("canary").toString("base64");
    for (const [text, words] of [
      ["", /no key/],
      [`a:${random(1)},a:${random(2)}`, /two keys alike/],
      [`a:${short}`, /has 6 bytes, not 32/],
      [`a b:${random(1)}`, /not kid:base64/],
      [`a.b:${random(1)}`, /not kid:base64/],
      [random(1), /not kid:base64/],
      [`a:${Buffer.alloc(32).toString("base64")}`, /not random/],
      [`a:${Buffer.alloc(32, "changeme").toString("base64")}`, /not random/],
    ] as const) {
      expect(() => parseKeyRing(text)).toThrow(words);
      expect(() => parseKeyRing(text)).toThrow(EnvError);
      expect(() => parseKeyRing(text)).not.toThrow(short);
    }
  });
});

describe("the file of keys", () => {
  let dir: string;
  let settings: { SECRET_KEYS: string | null; DATA_DIR: string };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "jarvis360-keys-"));
    settings = { SECRET_KEYS: null, DATA_DIR: join(dir, "data") };
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  test("is made once, for its owner's eyes only, and stays as it is", async () => {
    expect(findKeyRing(settings)).toBeNull();
    const made = createKeyFile(settings);
    expect((await stat(keyFileOf(settings))).mode & 0o777).toBe(0o600);
    expect(createKeyFile(settings).primary.bytes).toEqual(made.primary.bytes);
    expect(findKeyRing(settings)?.ids).toEqual(made.ids);
  });

  test("is not asked where SECRET_KEYS is set", () => {
    createKeyFile(settings);
    expect(findKeyRing({ ...settings, SECRET_KEYS: `own:${random(1)}` })?.ids).toEqual(["own"]);
  });

  test("gets a new key in front; the others stay", async () => {
    const first = createKeyFile(settings);
    const second = addKeyToFile(settings);
    expect(second.ids).toEqual([second.primary.id, first.primary.id]);
    expect((await stat(keyFileOf(settings))).mode & 0o777).toBe(0o600);
    expect((await readFile(keyFileOf(settings), "utf8")).split("\n")).toHaveLength(3);
  });

  test("is read again by a process that meets a key it does not know", () => {
    createKeyFile(settings);
    const source = createKeySource(settings);
    const before = source.get();
    const { primary } = addKeyToFile(settings);
    expect(source.get()).toBe(before);
    expect(source.reload().primary.id).toBe(primary.id);
    expect(source.get().primary.id).toBe(primary.id);
  });

  test("that is damaged is told apart from one that is missing", async () => {
    expect(() => createKeySource(settings).get()).toThrow(/There are no keys for secrets/);
    createKeyFile(settings);
    await writeFile(keyFileOf(settings), "half a k");
    expect(() => findKeyRing(settings)).toThrow(/Key 1 of SECRET_KEYS/);
  });
});
