import { createHash, randomBytes } from "node:crypto";

/** 256 random bits as text: what a session cookie, a link in a mail or an API token is made of. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** What the database keeps of a secret. It is random and long, so that a plain hash is enough to look it up by. */
export const hashSecret = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/**
 * Secrets that must be looked up before the organisation is known carry it: `jv_` for API tokens, `jvi_` for
 * invitations, `jvs_` for the way over a vendor's page, then the organisation, then the secret. Row-level security shows nothing without it.
 */
export type OrgSecretPrefix = "jv" | "jvi" | "jvs";

export function newOrgSecret(prefix: OrgSecretPrefix, orgId: string): string {
  return `${prefix}_${orgId.replaceAll("-", "")}_${newSecret()}`;
}

const pattern =
  /^(jv|jvi|jvs)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** The organisation that a secret names, and its hash; null when it has not the form of one. */
export function parseOrgSecret(
  prefix: OrgSecretPrefix,
  secret: string,
): { orgId: string; hash: Buffer } | null {
  const match = pattern.exec(secret);
  if (!match || match[1] !== prefix) return null;
  return { orgId: match.slice(2, 7).join("-"), hash: hashSecret(secret) };
}
