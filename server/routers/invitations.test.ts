import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createUser } from "#db/queries/accounts.ts";
import { listMembers } from "#db/queries/members.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { testCaller, testMember, testSession } from "../testing.ts";
import type { Principal } from "../trpc.ts";

let t: TestDatabase;
let owner: Principal;
beforeAll(async () => {
  t = await createTestDatabase();
  owner = await testMember(t, t.orgA, "owner");
});
afterAll(() => t.close());

/** Somebody with an account and no organisation, signed in. */
async function person(email: string, verified = true): Promise<Principal> {
  const user = await t.app.withInstance((tx) =>
    createUser(tx, { email, name: "", passwordHash: null, verified }),
  );
  const principal: Principal = {
    via: "session",
    userId: user!.id,
    email,
    name: "",
    emailVerified: verified,
    org: null,
    sessionId: null,
    apiTokenId: null,
  };
  return { ...principal, sessionId: (await testSession(t, principal)).sessionId };
}

/** Invites, and reads the link's token out of the outbox. */
async function invite(by: Principal, email: string, role: "viewer" | "admin" = "viewer"): Promise<string> {
  await testCaller(t, by).invitations.create({ email, role });
  const rows = await t.app.withOrg(by.org!.id, (tx) =>
    tx.rows<{ body: string }>(
      sql`SELECT body FROM mail WHERE org_id = ${tx.orgId} AND recipient = ${email} ORDER BY id DESC`,
    ),
  );
  return /token=([\w-]+)/.exec(rows[0]!.body)![1]!;
}

const isMember = async (org: string, { email }: Principal) =>
  (await t.app.withOrg(org, (tx) => listMembers(tx, { limit: 1000 }))).items.some(
    (member) => member.email === email,
  );

describe("an invitation", () => {
  test("says what it is to whoever holds the link, and lets the invited person join once", async () => {
    const ada = await person("ada@x.example");
    const token = await invite(owner, ada.email);
    expect(await testCaller(t, null).invitations.preview({ token })).toMatchObject({
      organisation: "Org A",
      role: "viewer",
      email: ada.email,
    });
    await testCaller(t, ada).invitations.accept({ token });
    expect(await isMember(t.orgA, ada)).toBe(true);
    await expect(testCaller(t, ada).invitations.accept({ token })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("accepted twice at the same time makes one membership", async () => {
    const bob = await person("bob@x.example");
    const token = await invite(owner, bob.email);
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map(() => testCaller(t, bob).invitations.accept({ token })),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await isMember(t.orgA, bob)).toBe(true);
  });

  test("is for one address, and only when that is confirmed", async () => {
    const [cid, eve] = [await person("cid@x.example", false), await person("eve@x.example")];
    const token = await invite(owner, cid.email);
    await expect(testCaller(t, eve).invitations.accept({ token })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(testCaller(t, cid).invitations.accept({ token })).rejects.toThrow(/Confirm your e-mail/);
    expect(await isMember(t.orgA, eve)).toBe(false);
    expect(await isMember(t.orgA, cid)).toBe(false);
  });

  test("ends after seven days", async () => {
    const dan = await person("dan@x.example");
    const token = await invite(owner, dan.email);
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE invitation SET expires_at = now() - interval '1 second' WHERE org_id = ${tx.orgId}`),
    );
    await expect(testCaller(t, dan).invitations.accept({ token })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("dies with the right of whoever sent it, and when it is withdrawn or replaced", async () => {
    const org = await createTestOrganisation(t.app, "Org C");
    const [boss, admin, fay] = [
      await testMember(t, org, "owner", "boss@c.example"),
      await testMember(t, org, "admin", "admin@c.example"),
      await person("fay@x.example"),
    ];
    const first = await invite(admin, fay.email, "admin");
    const second = await invite(admin, fay.email, "admin");
    const accept = (token: string) => testCaller(t, fay).invitations.accept({ token });
    await expect(accept(first)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await testCaller(t, boss).members.setRole({ email: admin.email, role: "editor" });
    await expect(accept(second)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const third = await invite(boss, fay.email);
    const [open] = (await testCaller(t, boss).invitations.list({})).items;
    await testCaller(t, boss).invitations.revoke({ id: open!.id });
    await expect(accept(third)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await isMember(org, fay)).toBe(false);
  });

  test("cannot be sent to another organisation by changing its name in the link", async () => {
    const gus = await person("gus@x.example");
    const token = await invite(owner, gus.email);
    const forged = token.replace(t.orgA.replaceAll("-", ""), t.orgB.replaceAll("-", ""));
    await expect(testCaller(t, gus).invitations.accept({ token: forged })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await isMember(t.orgB, gus)).toBe(false);
  });
});
