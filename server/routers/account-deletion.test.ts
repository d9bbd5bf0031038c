import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { instanceOrgId } from "#db/database.ts";
import { findUserByEmail } from "#db/queries/accounts.ts";
import { createDashboard } from "#db/queries/dashboards.ts";
import { addMember } from "#db/queries/members.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { findSessionPrincipal } from "../auth/principal.ts";
import { openTestFeed } from "../feed/testing.ts";
import { createCaller } from "../router.ts";
import {
  startTestServer,
  type TestServer,
  testCaller,
  testContext,
  testEnv,
  testMember,
} from "../testing.ts";
import { endsInTime } from "../testing-revocation.ts";

let t: TestDatabase;
let web: TestServer;
beforeAll(async () => {
  t = await createTestDatabase();
  web = await startTestServer(t);
});
afterAll(async () => {
  await web.close();
  await t.close();
});

const password = "seven unlikely garden chairs";

/** Somebody who signed up, with an organisation of their own that nobody else belongs to. */
async function signUp(email: string) {
  let cookie: string | null = null;
  const setSessionCookie = (value: string | null) => {
    cookie = value;
  };
  const as = async () => {
    const found = cookie ? await findSessionPrincipal(t.app, cookie) : null;
    return createCaller(testContext(t, found?.principal ?? null, { env: testEnv(), setSessionCookie }));
  };
  await (await as()).account.signUp({ email, password, name: "Lea" });
  const me = await (await as()).account.me();
  return { as, cookie: () => cookie, id: me.user!.id, own: me.organisation!.id };
}
const switchTo = async (person: Awaited<ReturnType<typeof signUp>>, orgId: string) =>
  (await person.as()).org.switch({ id: orgId });
const roleIn = async (orgId: string, userId: string) =>
  t.app.withOrg(orgId, (tx) =>
    tx.rows<{ role: string }>(
      sql`SELECT role FROM membership WHERE org_id = ${orgId} AND user_id = ${userId}`,
    ),
  );

test("security row 106: an account goes with its sessions and tokens; what it wrote stays under nobody's name, and the log is kept", async () => {
  const lea = await signUp("lea@x.example");
  await testMember(t, t.orgA, "owner");
  for (const orgId of [t.orgA, t.orgB]) await t.app.withOrg(orgId, (tx) => addMember(tx, lea.id, "editor"));
  await testMember(t, t.orgB, "owner");
  const board = await t.app.withOrg(t.orgA, (tx) =>
    createDashboard(tx, { title: "Board", widgets: {}, filters: {} }),
  );
  await switchTo(lea, t.orgA);
  const anchor = { kind: "dashboard" as const, dashboard_id: board.id };
  await (await lea.as()).comments.create({ text: "Why so low?", anchor });
  const feed = await openTestFeed(web.url, { cookie: `session=${lea.cookie()}`, origin: web.url });

  const caller = await lea.as();
  expect(await caller.account.deletion()).toEqual({ ends: ["Lea’s organisation"], needs_owner: [] });
  await expect(caller.account.delete({ password: "wrong" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  // its own organisation goes too: that must be known
  await expect(caller.account.delete({ password })).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await roleIn(t.orgA, lea.id)).toHaveLength(1);

  expect(
    await endsInTime(() => caller.account.delete({ password, with_organisations: true }), feed.closed),
  ).toBe(4401);
  expect(lea.cookie()).toBeNull();
  expect(await t.app.withInstance((tx) => findUserByEmail(tx, "lea@x.example"))).toBeNull();
  for (const orgId of [t.orgA, t.orgB, lea.own]) expect(await roleIn(orgId, lea.id)).toEqual([]);
  expect(
    await t.app.withInstance((tx) => tx.rows(sql`SELECT FROM organisation WHERE id = ${lea.own}`)),
  ).toEqual([]);

  // others still read what was written, and the dashboard
  const owner = testCaller(t, await testMember(t, t.orgA, "owner"));
  const { items: threads } = await owner.comments.list({ dashboard_id: board.id });
  expect(threads).toMatchObject([{ author: null, text: "Why so low?" }]);
  expect(JSON.stringify(threads)).not.toMatch(/lea/i);
  expect(await owner.dashboards.get({ id: board.id })).toMatchObject({ title: "Board" });
  const { items: log } = await owner.audit.list({ action: "account.deleted" });
  expect(log).toMatchObject([{ actor: "lea@x.example", target: "lea@x.example" }]);
  const instance = await t.app.withOrg(instanceOrgId, (tx) =>
    tx.rows(
      sql`SELECT action FROM audit_log WHERE org_id = ${tx.orgId} AND actor_id = ${lea.id} ORDER BY action`,
    ),
  );
  expect(instance).toEqual(
    expect.arrayContaining([{ action: "account.deleted" }, { action: "organisation.deleted" }]),
  );
  await expect((await lea.as()).account.signIn({ email: "lea@x.example", password })).rejects.toMatchObject({
    code: "UNAUTHORIZED",
  });
});

test("the only owner of an organisation with others in it must make somebody else one first", async () => {
  const max = await signUp("max@x.example");
  const org = await createTestOrganisation(t.app, "Shared");
  await t.app.withOrg(org, (tx) => addMember(tx, max.id, "owner"));
  const other = await testMember(t, org, "editor", "other@x.example");
  const caller = await max.as();
  expect((await caller.account.deletion()).needs_owner).toEqual(["Shared"]);
  await expect(caller.account.delete({ password, with_organisations: true })).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("Shared"),
  });
  expect(await roleIn(max.own, max.id)).toHaveLength(1);
  await t.app.withOrg(org, (tx) => addMember(tx, other.userId, "owner"));
  await t.app.withOrg(org, (tx) =>
    tx.rows(sql`UPDATE membership SET role = 'owner' WHERE org_id = ${org} AND user_id = ${other.userId}`),
  );
  await caller.account.delete({ password, with_organisations: true });
  expect(await roleIn(org, other.userId)).toEqual([{ role: "owner" }]);
  expect(await roleIn(org, max.id)).toEqual([]);
});
