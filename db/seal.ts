import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** A key of AES-256 and the name by which sealed text refers to it. */
export interface Key {
  id: string;
  bytes: Buffer;
}

/** Names of keys: they stand between the dots of sealed text and in the audit of what belongs where. */
export const keyIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Sealed text that cannot be opened: damaged, moved from its place, or sealed with another key. Holds nothing of it. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

const ivBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with a fresh IV: `v1.<key>.<iv>.<ciphertext>.<tag>`.
 * @param place where the sealed text will stand: `table|column|organisation|row`. Elsewhere it does not open.
 * @param iv for test vectors alone
 */
export function sealBytes(key: Key, place: string, plain: Buffer, iv: Buffer = randomBytes(ivBytes)): string {
  const cipher = createCipheriv("aes-256-gcm", key.bytes, iv, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(place, key.id));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return ["v1", key.id, ...[iv, sealed, cipher.getAuthTag()].map(toText)].join(".");
}

/** @throws SealBroken */
export function openBytes(key: Key, place: string, sealed: string): Buffer {
  const parts = partsOf(sealed);
  if (parts.keyId !== key.id) throw new SealBroken(`sealed with the key ${parts.keyId}, not ${key.id}`);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.bytes, parts.iv, { authTagLength: tagBytes });
    decipher.setAAD(boundTo(place, key.id));
    decipher.setAuthTag(parts.tag);
    return Buffer.concat([decipher.update(parts.ciphertext), decipher.final()]);
  } catch {
    throw new SealBroken(`cannot be opened with the key ${key.id}`);
  }
}

function partsOf(sealed: string): { keyId: string; iv: Buffer; ciphertext: Buffer; tag: Buffer } {
  const [version, keyId = "", ...rest] = sealed.split(".");
  const [iv, ciphertext, tag] = rest.map(fromText);
  if (version !== "v1" || rest.length !== 3 || !keyIdPattern.test(keyId))
    throw new SealBroken("not sealed text");
  // a shortened tag would be easier to forge
  if (!iv || iv.length !== ivBytes || !ciphertext || !tag || tag.length !== tagBytes)
    throw new SealBroken("damaged");
  return { keyId, iv, ciphertext, tag };
}

const boundTo = (place: string, keyId: string): Buffer => Buffer.from(`${place}|${keyId}`);
const toText = (bytes: Buffer): string => bytes.toString("base64url");

/** Null where it is not what `toText` writes: two texts never mean the same bytes. */
function fromText(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64url");
  return toText(bytes) === text ? bytes : null;
}
