import pg from "pg";
import { type Env, EnvError } from "#root/env.ts";
import type { Finding } from "./inspect.ts";
import { createKeyFile, findKeyRing, type KeyRing, keyFileOf, noKeys } from "./key-ring.ts";
import { SealBroken } from "./seal.ts";
import { unwrapDataKey } from "./secrets.ts";

type Settings = Pick<Env, "NODE_ENV" | "SECRET_KEYS" | "DATA_DIR">;

/** One data key of each key that sealed any: what a ring must be able to open. */
interface Sample {
  kid: string;
  org_id: string;
  id: string;
  wrapped: string;
}

/**
 * Before anything is served: every key that a secret of this database needs is there and is the right one. Makes the first
 * key where none is needed yet; in production the operator brings it.
 * @throws EnvError that says what to put back, or how to go on without
 */
export async function requireKeys(settings: Settings, url: string): Promise<void> {
  const samples = await withMaint(url, listSamples);
  const ring = findKeyRing(settings);
  const fault = faultOf(samples, ring, settings);
  if (fault) throw new EnvError(fault);
  if (ring) return;
  if (settings.NODE_ENV === "production") throw noKeys(settings);
  createKeyFile(settings);
}

/** What `doctor` says of the keys. */
export async function inspectKeys(settings: Settings, url: string): Promise<Finding> {
  let ring: KeyRing | null;
  try {
    ring = findKeyRing(settings);
  } catch (error) {
    return { ok: false, text: (error as Error).message };
  }
  const samples = await withMaint(url, listSamples).catch(() => null);
  if (samples === null) return { ok: true, text: "Keys for secrets: the database has none yet" };
  const fault = faultOf(samples, ring, settings);
  if (fault) return { ok: false, text: fault };
  if (samples.length === 0) return { ok: true, text: "No secrets are stored" };
  const old = samples.filter(({ kid }) => kid !== ring?.primary.id);
  return {
    ok: true,
    text:
      old.length === 0
        ? "Secrets are sealed with the first key"
        : "Secrets are sealed, some with an older key: npm run cli -- secrets rotate",
  };
}

/** Keys that a restored or running database needs and this ring does not hold. */
export async function listMissingKeys(settings: Settings, url: string): Promise<string[]> {
  const ring = findKeyRing(settings);
  const samples = await withMaint(url, listSamples);
  return samples.filter(({ kid }) => !ring?.find(kid)).map(({ kid }) => kid);
}

function faultOf(samples: readonly Sample[], ring: KeyRing | null, settings: Settings): string | null {
  const missing = samples.filter(({ kid }) => !ring?.find(kid)).map(({ kid }) => kid);
  const goOn =
    "Without it, npm run cli -- secrets discard gives up the stored keys of connected sources and keeps everything else.";
  if (missing.length > 0) {
    const where = settings.SECRET_KEYS === null ? `put back ${keyFileOf(settings)}` : "add it to SECRET_KEYS";
    return `Secrets in this database are sealed with the key ${missing.join(", ")}, which is not there: ${where}. ${goOn}`;
  }
  const wrong = samples.filter((sample) => !opens(sample, ring));
  if (wrong.length > 0)
    return `The key ${wrong.map(({ kid }) => kid).join(", ")} is not the one that sealed the secrets of this database: put the right one back. ${goOn}`;
  return null;
}

function opens({ kid, org_id, ...row }: Sample, ring: KeyRing | null): boolean {
  const key = ring?.find(kid);
  if (!key) return false;
  try {
    unwrapDataKey(key, org_id, row);
    return true;
  } catch (error) {
    if (error instanceof SealBroken) return false;
    throw error;
  }
}

const listSamples = async (client: pg.Client): Promise<Sample[]> =>
  (
    await client.query<Sample>(
      "SELECT DISTINCT ON (kid) kid, org_id, id, wrapped FROM app.data_key ORDER BY kid, org_id",
    )
  ).rows;

/** Keys belong to all organisations alike: their caretaker passes the wall. */
export async function withMaint<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("SET ROLE jarvis_maint");
    return await work(client);
  } finally {
    await client.end();
  }
}
