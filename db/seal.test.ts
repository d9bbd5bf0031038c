import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Key, openBytes, SealBroken, sealBytes } from "./seal.ts";

const key: Key = { id: "k1", bytes: randomBytes(32) };
const place = "source|credentials|org|row";

describe("sealed text", () => {
  test("is AES-256-GCM: test case 16 of the GCM specification, with its associated data", () => {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: its AAD is not ours, so the vector is checked where
    // both are the same: without a change of key, IV and text the ciphertext does not depend on the AAD
    const known: Key = {
      id: "k1",
      bytes: Buffer.from("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "hex"),
    };
    const text = Buffer.from(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
      "hex",
    );
    const sealed = sealBytes(known, place, text, Buffer.from("cafebabefacedbaddecaf888", "hex"));
    expect(Buffer.from(sealed.split(".")[3] ?? "", "base64url").toString("hex")).toBe(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
    );
    expect(openBytes(known, place, sealed)).toEqual(text);
  });

  test("stays readable by later versions: a text that an earlier one wrote", () => {
    const old: Key = { id: "2026a", bytes: Buffer.alloc(32, "jarvis") };
    const sealed = sealBytes(old, place, Buffer.from("rk_test_1"), Buffer.alloc(12, 7));
    expect(sealed).toMatch(/^v1\.2026a\.BwcHBwcHBwcHBwcH\.[\w-]{12}\.[\w-]{22}$/);
    expect(openBytes(old, place, sealed).toString()).toBe("rk_test_1");
  });

  test("opens to what was sealed, whatever it is, and never looks the same twice", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, where) => {
        const [one, two] = [1, 2].map(() => sealBytes(key, where, Buffer.from(bytes)));
        expect(one).not.toBe(two);
        expect(openBytes(key, where, one ?? "")).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("opens nowhere else", () => {
    const sealed = sealBytes(key, place, Buffer.from("secret"));
    for (const other of [
      "source|credentials|org|row2",
      "source|credentials|org2|row",
      "source|webhook_secrets|org|row",
      "sources|credentials|org|row",
      "",
    ])
      expect(() => openBytes(key, other, sealed)).toThrow(SealBroken);
  });

  test("does not open with another key, whatever its name", () => {
    const sealed = sealBytes(key, place, Buffer.from("secret"));
    expect(() => openBytes({ id: "k1", bytes: randomBytes(32) }, place, sealed)).toThrow(SealBroken);
    expect(() => openBytes({ id: "k2", bytes: key.bytes }, place, sealed)).toThrow(/sealed with the key k1/);
    // the name is bound to it too
    expect(() =>
      openBytes({ id: "k2", bytes: key.bytes }, place, sealed.replace("v1.k1.", "v1.k2.")),
    ).toThrow(SealBroken);
  });

  test("does not open after any bit of it was flipped", () => {
    const sealed = sealBytes(key, place, Buffer.from("a secret of some length"));
    const [version, id, ...parts] = sealed.split(".");
    parts.forEach((part, which) => {
      const bytes = Buffer.from(part, "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const text = [version, id, ...parts.with(which, flipped.toString("base64url"))].join(".");
        expect(() => openBytes(key, place, text)).toThrow(SealBroken);
      }
    });
  });

  test("is refused when it is cut, padded, or something else", () => {
    const sealed = sealBytes(key, place, Buffer.from("secret"));
    const shortTag = sealed.slice(0, -6);
    for (const text of [
      "",
      "secret",
      "v1.k1",
      `${sealed}=`,
      `${sealed}.x`,
      shortTag,
      sealed.replace("v1", "v2"),
    ])
      expect(() => openBytes(key, place, text)).toThrow(SealBroken);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => openBytes(key, place, text)).toThrow(SealBroken);
      }),
    );
  });

  test("says nothing of what it holds when it does not open", () => {
    const sealed = sealBytes(key, place, Buffer.from("canary-secret"));
    try {
      openBytes(key, "elsewhere", sealed);
      expect.unreachable();
    } catch (error) {
      expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toMatch(/canary|v1\./);
    }
  });
});
