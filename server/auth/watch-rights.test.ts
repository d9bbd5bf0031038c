import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { deleteSession, rotateSession } from "#db/queries/sessions.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { createLogger } from "#root/log.ts";
import { testCaller, testContext, testMember } from "../testing.ts";
import type { Principal } from "../trpc.ts";
import { findTokenPrincipal } from "./principal.ts";
import { newOrgSecret } from "./secrets.ts";
import { createRightsWatch, type RightsWatch } from "./watch-rights.ts";

let t: TestDatabase;
let watch: RightsWatch;
let owner: Principal;
beforeAll(async () => {
  t = await createTestDatabase();
  owner = await testMember(t, t.orgA, "owner");
});
afterAll(() => t.close());
afterEach(() => watch.close());

const open = () => {
  watch = createRightsWatch({ db: t.app, log: createLogger("test") });
};
const next = (principal: Principal) =>
  new Promise<Principal | null>((done) => void watch.watch(principal, done));
let members = 0;
const member = (role: "editor" | "viewer", orgId = t.orgA) =>
  testMember(t, orgId, role, `m${++members}@example.com`);

describe("the watch over rights", () => {
  test("tells when the session has ended", async () => {
    open();
    const person = await member("viewer");
    const told = next(person);
    await t.app.withInstance((tx) => deleteSession(tx, person.sessionId ?? ""));
    expect(await told).toBeNull();
  });

  test("tells of another role, and when somebody was taken out of the organisation", async () => {
    open();
    const person = await member("editor");
    const changed = next(person);
    await testCaller(t, owner).members.setRole({ email: person.email, role: "viewer" });
    expect((await changed)?.org?.role).toBe("viewer");
    const gone = next({ ...person, org: person.org && { ...person.org, role: "viewer" } });
    await testCaller(t, owner).members.remove({ email: person.email });
    expect(await gone).toBeNull();
  });

  test("tells when the session looks at another organisation, and does not mind its new secret", async () => {
    open();
    const person = await member("viewer");
    await testMember(t, t.orgB, "viewer", person.email);
    const told = next(person);
    await t.app.withInstance((tx) =>
      rotateSession(tx, person.sessionId ?? "", Buffer.from(newOrgSecret("jv", t.orgA)), t.orgB),
    );
    expect((await told)?.org?.id).toBe(t.orgB);
  });

  test("tells when an API token was deleted, or the whole organisation", async () => {
    open();
    const { token } = await testCaller(t, owner).tokens.create({ name: "mine", role: "viewer" });
    const principal = await findTokenPrincipal(t.app, token);
    if (!principal?.apiTokenId) throw new Error("no token");
    const told = next(principal);
    await testCaller(t, owner).tokens.delete({ id: principal.apiTokenId });
    expect(await told).toBeNull();
  });

  test("leaves others alone, and looks at whoever came while it was announced", async () => {
    open();
    const [person, other] = [await member("viewer"), await member("viewer", t.orgB)];
    const calls: unknown[] = [];
    watch.watch(other, (now) => calls.push(now));
    // the session ends between the handshake's look at it and its watch
    await t.app.withInstance((tx) => deleteSession(tx, person.sessionId ?? ""));
    expect(await next(person)).toBeNull();
    expect(calls).toEqual([]);
  });

  test("looks at everybody when announcements may have been lost", async () => {
    const bus = testContext(t, null).db.bus;
    const gaps: (() => void)[] = [];
    const deaf = {
      ...t.app,
      bus: {
        ...bus,
        subscribe: () => () => {},
        onGap: (fn: () => void) => {
          gaps.push(fn);
          return () => {};
        },
      },
    };
    watch = createRightsWatch({ db: deaf, log: createLogger("test") });
    const person = await member("viewer");
    const told = next(person);
    await t.app.withInstance((tx) => deleteSession(tx, person.sessionId ?? ""));
    for (const gap of gaps) gap();
    expect(await told).toBeNull();
  });
});
