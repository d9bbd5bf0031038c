import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#db/ids.ts";
import { listMembers } from "#db/queries/members.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { testCaller, testMember } from "../testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const membersOf = async (org: string) =>
  (await t.app.withOrg(org, (tx) => listMembers(tx, { limit: 100 }))).items.map(({ email, role }) => [
    email,
    role,
  ]);

describe("an organisation always has an owner", () => {
  test("when two owners demote each other at the same time, one of them stays", async () => {
    for (let round = 0; round < 10; round++) {
      const org = await createTestOrganisation(t.app, `Round ${round}`);
      const [ann, bob] = [
        await testMember(t, org, "owner", `ann-${round}@x.example`),
        await testMember(t, org, "owner", `bob-${round}@x.example`),
      ];
      const outcomes = await Promise.allSettled([
        testCaller(t, ann).members.setRole({ email: bob.email, role: "viewer" }),
        testCaller(t, bob).members.setRole({ email: ann.email, role: "viewer" }),
      ]);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await membersOf(org)).filter(([, role]) => role === "owner")).toHaveLength(1);
    }
  });

  test("the last one can neither leave nor step down", async () => {
    const org = await createTestOrganisation(t.app, "Alone");
    const ann = await testMember(t, org, "owner", "ann@alone.example");
    await testMember(t, org, "admin", "bob@alone.example");
    const caller = testCaller(t, ann);
    await expect(caller.members.remove({ email: ann.email })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(caller.members.setRole({ email: ann.email, role: "admin" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });
});

describe("roles", () => {
  test("nobody gives out, or takes away, more than they have", async () => {
    const admin = testCaller(t, await testMember(t, t.orgA, "admin"));
    const owner = await testMember(t, t.orgA, "owner");
    const viewer = await testMember(t, t.orgA, "viewer");
    const forbidden = { code: "FORBIDDEN" };
    await expect(admin.members.setRole({ email: viewer.email, role: "owner" })).rejects.toMatchObject(
      forbidden,
    );
    await expect(admin.members.setRole({ email: owner.email, role: "viewer" })).rejects.toMatchObject(
      forbidden,
    );
    await expect(admin.members.remove({ email: owner.email })).rejects.toMatchObject(forbidden);
    await expect(admin.invitations.create({ email: "x@x.example", role: "owner" })).rejects.toMatchObject(
      forbidden,
    );
    await expect(admin.tokens.create({ name: "x", role: "owner" })).rejects.toMatchObject(forbidden);
    expect(await admin.members.setRole({ email: viewer.email, role: "admin" })).toMatchObject({
      role: "admin",
    });
  });

  test("an API token does no more than it was made for, whatever its maker is", async () => {
    const owner = await testMember(t, t.orgA, "owner");
    const token = {
      ...owner,
      via: "token" as const,
      org: { ...owner.org!, role: "admin" as const },
      apiTokenId: newId(),
    };
    const caller = testCaller(t, token);
    await expect(caller.members.setRole({ email: owner.email, role: "viewer" })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });

  test("anybody may leave", async () => {
    const commenter = await testMember(t, t.orgB, "commenter");
    await testMember(t, t.orgB, "owner");
    await testCaller(t, commenter).members.remove({ email: commenter.email });
    expect((await membersOf(t.orgB)).map(([email]) => email)).not.toContain(commenter.email);
  });
});
