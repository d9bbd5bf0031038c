import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EnvError } from "#root/env.ts";
import { inspectKeys, requireKeys } from "./check-keys.ts";
import { newId } from "./ids.ts";
import { inspectSources } from "./inspect-sources.ts";
import { createKeySource, findKeyRing, parseKeyRing } from "./key-ring.ts";
import { createOrganisation, deleteOrganisation } from "./queries/organisations.ts";
import { countOldKeys, discardUnreadable, rotateDataKeys } from "./rotate-keys.ts";
import { createSecrets, type SecretPlace } from "./secrets.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

const keyText = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [oldKey, newKey] = [keyText("old"), keyText("new")];
const settings = (keys: string | null, DATA_DIR = "/nowhere") => ({
  NODE_ENV: "test" as const,
  SECRET_KEYS: keys,
  DATA_DIR,
});
const secretsWith = (keys: string) => createSecrets(createKeySource(settings(keys)));
const place: SecretPlace = { table: "source", column: "credentials", rowId: newId() };
const unreadable = { code: "INTERNAL", extra: { reason: "secret_unreadable" } };

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());
beforeEach(async () => {
  for (const orgId of [t.orgA, t.orgB])
    await t.app.withOrg(orgId, (tx) => tx.rows(sql`DELETE FROM data_key WHERE org_id = ${orgId}`));
});

const seal = (orgId: string, text: string, keys = oldKey, where = place) =>
  t.app.withOrg(orgId, (tx) => secretsWith(keys).seal(tx, where, text));
const open = (orgId: string, sealed: string, keys = oldKey, where = place) =>
  t.worker.withOrg(orgId, (tx) => secretsWith(keys).open(tx, where, sealed));

describe("an organisation's secrets", () => {
  test("open where they were sealed, in another process too, and hold nothing readable", async () => {
    const sealed = await seal(t.orgA, "rk_live_canary ü");
    expect(sealed).toMatch(/^v1\./);
    expect(sealed).not.toContain("canary");
    expect(await open(t.orgA, sealed)).toBe("rk_live_canary ü");
  });

  test("open in no other organisation, row, column or table", async () => {
    const sealed = await seal(t.orgA, "secret");
    await seal(t.orgB, "B has a data key of its own");
    await expect(open(t.orgB, sealed)).rejects.toMatchObject(unreadable);
    for (const moved of [{ rowId: newId() }, { column: "webhook_secrets" }, { table: "other" }])
      await expect(open(t.orgA, sealed, oldKey, { ...place, ...moved })).rejects.toMatchObject(unreadable);
  });

  test("do not open with a data key that was moved from another organisation", async () => {
    const sealed = await seal(t.orgA, "secret");
    await seal(t.orgB, "other");
    const [key] = await t.app.withOrg(t.orgA, (tx) =>
      tx.rows<{ id: string; kid: string; wrapped: string }>(sql`SELECT id, kid, wrapped FROM data_key`),
    );
    await t.app.withOrg(t.orgB, (tx) =>
      tx.rows(sql`UPDATE data_key SET id = ${key?.id}, kid = ${key?.kid}, wrapped = ${key?.wrapped}`),
    );
    await expect(open(t.orgB, sealed)).rejects.toMatchObject(unreadable);
  });

  test("are of one data key, even when the first two are sealed at once", async () => {
    const both = await Promise.all([seal(t.orgA, "one"), seal(t.orgA, "two")]);
    expect(await Promise.all(both.map((sealed) => open(t.orgA, sealed)))).toEqual(["one", "two"]);
  });

  test("do not open without the key that their data key is sealed with", async () => {
    const sealed = await seal(t.orgA, "secret");
    await expect(open(t.orgA, sealed, newKey)).rejects.toMatchObject(unreadable);
    await expect(open(t.orgA, sealed, keyText("old"))).rejects.toMatchObject(unreadable);
  });

  test("can be opened by nobody once the organisation is deleted: its key is gone with it", async () => {
    const orgId = newId();
    await t.app.withOrg(orgId, (tx) => createOrganisation(tx, { name: "Short-lived" }));
    const sealed = await seal(orgId, "secret");
    await t.app.withOrg(orgId, (tx) => deleteOrganisation(tx));
    await t.app.withOrg(orgId, (tx) => createOrganisation(tx, { name: "The same id again" }));
    await expect(open(orgId, sealed)).rejects.toMatchObject(unreadable);
    await seal(orgId, "a new data key");
    await expect(open(orgId, sealed)).rejects.toMatchObject(unreadable);
    await t.app.withOrg(orgId, (tx) => deleteOrganisation(tx));
  });
});

describe("a start", () => {
  test("is refused without the keys that stored secrets need, with words that say how to go on", async () => {
    await seal(t.orgA, "secret");
    await expect(requireKeys(settings(newKey), t.url)).rejects.toThrow(
      /sealed with the key old, which is not there: add it to SECRET_KEYS.*secrets discard/,
    );
    await expect(requireKeys(settings(newKey), t.url)).rejects.toThrow(EnvError);
    await expect(requireKeys(settings(null), t.url)).rejects.toThrow(/put back \/nowhere\/secret-keys/);
    await expect(requireKeys(settings(keyText("old")), t.url)).rejects.toThrow(
      /key old is not the one that sealed/,
    );
    await expect(requireKeys(settings(`${newKey},${oldKey}`), t.url)).resolves.toBeUndefined();
    expect(await inspectKeys(settings(newKey), t.url)).toMatchObject({ ok: false });
    expect(await inspectKeys(settings(`${newKey},${oldKey}`), t.url)).toMatchObject({
      ok: true,
      text: expect.stringContaining("secrets rotate"),
    });
  });

  test("makes a key where none is needed yet, but not in production", async () => {
    const dir = await mkdtemp(join(tmpdir(), "jarvis360-start-"));
    try {
      await expect(requireKeys({ ...settings(null, dir), NODE_ENV: "production" }, t.url)).rejects.toThrow(
        /set SECRET_KEYS/,
      );
      expect(findKeyRing(settings(null, dir))).toBeNull();
      await requireKeys(settings(null, dir), t.url);
      expect(findKeyRing(settings(null, dir))?.ids).toHaveLength(1);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe("rotation", () => {
  const both = `${newKey},${oldKey}`;
  const ring = parseKeyRing(both);

  test("seals every data key anew, and no secret changes; the old key may go", async () => {
    const sealed = [await seal(t.orgA, "a"), await seal(t.orgB, "b")];
    expect(await rotateDataKeys(t.url, ring)).toBe(2);
    expect(await open(t.orgA, sealed[0]!, newKey)).toBe("a");
    expect(await open(t.orgB, sealed[1]!, newKey)).toBe("b");
    await expect(requireKeys(settings(newKey), t.url)).resolves.toBeUndefined();
    expect(await rotateDataKeys(t.url, ring)).toBe(0);
  });

  test("that was killed half-way goes on where it was, while everything can be opened", async () => {
    const sealed = [await seal(t.orgA, "a"), await seal(t.orgB, "b")];
    await expect(
      rotateDataKeys(t.url, ring, () => {
        throw new Error("killed");
      }),
    ).rejects.toThrow("killed");
    expect(await countOldKeys(t.url, ring)).toBe(1);
    expect(await open(t.orgA, sealed[0]!, both)).toBe("a");
    expect(await open(t.orgB, sealed[1]!, both)).toBe("b");
    expect(await rotateDataKeys(t.url, ring)).toBe(1);
    expect(await countOldKeys(t.url, ring)).toBe(0);
    expect(await open(t.orgB, sealed[1]!, newKey)).toBe("b");
  });

  test("stops with words where an older key is missing", async () => {
    await seal(t.orgA, "a");
    await expect(rotateDataKeys(t.url, parseKeyRing(newKey))).rejects.toThrow(/put it back behind/);
  });
});

describe("secrets whose key is lost", () => {
  test("can be given up: their sources ask for their keys again, others stay as they are", async () => {
    const [idA, idB] = [newId(), newId()];
    for (const [orgId, id, keys] of [
      [t.orgA, idA, oldKey],
      [t.orgB, idB, newKey],
    ] as const) {
      const credentials = await seal(orgId, "secret", keys, { ...place, rowId: id });
      await t.app.withOrg(orgId, (tx) =>
        tx.rows(sql`INSERT INTO source (org_id, id, kind, name, status, credentials)
          VALUES (${orgId}, ${id}, 'stripe', 'Stripe', 'live', ${credentials})`),
      );
    }
    expect(await discardUnreadable(t.url, parseKeyRing(newKey))).toBe(1);
    await expect(requireKeys(settings(newKey), t.url)).resolves.toBeUndefined();
    const sourceOf = async (orgId: string) =>
      (
        await t.app.withOrg(orgId, (tx) =>
          tx.rows<{ status: string; error_code: string | null; credentials: string }>(
            sql`SELECT status, error_code, credentials FROM source WHERE org_id = ${orgId}`,
          ),
        )
      )[0];
    expect(await sourceOf(t.orgA)).toEqual({
      status: "error",
      error_code: "secret_unreadable",
      credentials: "",
    });
    expect(await sourceOf(t.orgB)).toMatchObject({ status: "live" });
    // and whoever runs it hears of it
    expect(await inspectSources(t.url)).toEqual({
      ok: false,
      text: "Sources that stopped, see their pages: Stripe (secret_unreadable)",
    });
  });
});
