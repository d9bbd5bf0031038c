import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instanceOrgId } from "#db/database.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { findSessionPrincipal } from "../auth/principal.ts";
import { hashSecret } from "../auth/secrets.ts";
import { createCaller } from "../router.ts";
import { testContext, testEnv } from "../testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const password = "seven unlikely garden chairs";
const mailed = testEnv({ SMTP_URL: "smtp://localhost:1" });

/** A browser: its cookie goes with every call, and follows what the server sets. */
function browser(env = testEnv()) {
  let cookie: string | null = null;
  const request = { id: "test", ip: "192.0.2.9", userAgent: "test", origin: "http://localhost:3000" };
  return {
    cookie: () => cookie,
    plant: (value: string) => {
      cookie = value;
    },
    async as() {
      const found = cookie ? await findSessionPrincipal(t.app, cookie) : null;
      const setSessionCookie = (value: string | null) => {
        cookie = value;
      };
      return createCaller(testContext(t, found?.principal ?? null, { env, request, setSessionCookie }));
    },
  };
}

const user = async (b: ReturnType<typeof browser>) => (await (await b.as()).account.me()).user;

async function newestLink(email: string, page: string): Promise<string> {
  const rows = await t.app.withOrg(instanceOrgId, (tx) =>
    tx.rows<{ body: string }>(
      sql`SELECT body FROM mail WHERE org_id = ${tx.orgId} AND recipient = ${email} AND body LIKE ${`%${page}?token=%`} ORDER BY id DESC`,
    ),
  );
  return /token=([\w-]+)/.exec(rows[0]!.body)![1]!;
}

describe("signing up", () => {
  test("without a mail server: the person is in, with an organisation and a dashboard of their own", async () => {
    const ann = browser();
    expect(
      await (await ann.as()).account.signUp({ email: " Ann@X.example ", password, name: "Ann" }),
    ).toEqual({
      status: "signed_in",
    });
    const me = await (await ann.as()).account.me();
    expect(me.user).toMatchObject({ email: "ann@x.example", email_verified: false });
    expect(me.organisation).toMatchObject({ name: "Ann’s organisation", role: "owner" });
    expect((await (await ann.as()).dashboards.list({})).items).toMatchObject([{ title: "Overview" }]);
    const again = browser();
    await expect(
      (await again.as()).account.signUp({ email: "ann@x.example", password }),
    ).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  test("with a mail server: the answer is the same for a new and a known address, and the link must be followed", async () => {
    const bob = browser(mailed);
    const first = await (await bob.as()).account.signUp({ email: "bob@x.example", password });
    const second = await (await bob.as()).account.signUp({
      email: "bob@x.example",
      password: `${password}!`,
    });
    expect([first, second]).toEqual([{ status: "check_mail" }, { status: "check_mail" }]);
    expect(bob.cookie()).toBeNull();
    const signIn = async () => (await bob.as()).account.signIn({ email: "bob@x.example", password });
    await expect(signIn()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    const token = await newestLink("bob@x.example", "/verify");
    expect(await (await bob.as()).account.verifyEmail({ token })).toEqual({
      status: "sign_in",
      email: "bob@x.example",
    });
    await expect((await bob.as()).account.verifyEmail({ token })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await signIn();
    expect(await user(bob)).toMatchObject({ email_verified: true });
  });

  test.each([
    "too short",
    "passwordpassword",
    "123456789012345",
    "ann@x.example",
    "qwertyuiopasdfgh",
    "AAAAAAAAAAAAAAAAAAA",
  ])("refuses the password %s", async (weak) => {
    const caller = await browser().as();
    await expect(caller.account.signUp({ email: "weak@x.example", password: weak })).rejects.toThrow();
  });
});

describe("a session", () => {
  test("begins anew at every sign-in: a planted cookie means nothing, the old one is dead", async () => {
    const cat = browser();
    await (await cat.as()).account.signUp({ email: "cat@x.example", password });
    const before = cat.cookie()!;
    await (await cat.as()).account.signIn({ email: "cat@x.example", password });
    expect(cat.cookie()).not.toBe(before);
    expect(await findSessionPrincipal(t.app, before)).toBeNull();
    // what the database holds does not open the door
    expect(await findSessionPrincipal(t.app, hashSecret(cat.cookie()!).toString("base64url"))).toBeNull();
    const planted = browser();
    planted.plant("A".repeat(43));
    await (await planted.as()).account.signIn({ email: "cat@x.example", password });
    expect(planted.cookie()).not.toBe("A".repeat(43));
  });

  test("slides, but not past its cap, and ends", async () => {
    const dan = browser();
    await (await dan.as()).account.signUp({ email: "dan@x.example", password });
    const age = (created: string, expires: string) =>
      t.app.withInstance((tx) =>
        tx.rows(
          sql`UPDATE session SET created_at = now() - ${created}::interval, expires_at = now() + ${expires}::interval WHERE token_hash = ${hashSecret(dan.cookie()!)}`,
        ),
      );
    await age("20 days", "10 days");
    expect((await findSessionPrincipal(t.app, dan.cookie()!))?.renewed).toBe(true);
    expect((await findSessionPrincipal(t.app, dan.cookie()!))?.renewed).toBe(false);
    await age("85 days", "1 day");
    await findSessionPrincipal(t.app, dan.cookie()!);
    const [row] = await t.app.withInstance((tx) =>
      tx.rows<{ capped: boolean }>(
        sql`SELECT expires_at <= created_at + interval '90 days' AS capped FROM session WHERE token_hash = ${hashSecret(dan.cookie()!)}`,
      ),
    );
    expect(row).toEqual({ capped: true });
    await age("91 days", "5 days");
    expect(await user(dan)).toBeNull();
    await age("1 day", "-1 second");
    expect(await user(dan)).toBeNull();
  });

  test("can be seen and ended from another browser", async () => {
    const [laptop, phone] = [browser(), browser()];
    await (await laptop.as()).account.signUp({ email: "eva@x.example", password });
    await (await phone.as()).account.signIn({ email: "eva@x.example", password });
    const { items } = await (await laptop.as()).sessions.list();
    expect(items).toHaveLength(2);
    await (await laptop.as()).sessions.revoke({ id: items.find((item) => !item.current)!.id });
    expect(await user(phone)).toBeNull();
    expect(await user(laptop)).not.toBeNull();
    await (await laptop.as()).account.signOut();
    expect(laptop.cookie()).toBeNull();
  });
});

describe("a password", () => {
  test("changed ends all other sessions and needs the old one", async () => {
    const [here, there] = [browser(), browser()];
    await (await here.as()).account.signUp({ email: "fay@x.example", password });
    await (await there.as()).account.signIn({ email: "fay@x.example", password });
    const next = "eight rather purple bicycles";
    await expect(
      (await here.as()).account.changePassword({ current: "wrong", password: next }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
    const before = here.cookie();
    await (await here.as()).account.changePassword({ current: password, password: next });
    expect(here.cookie()).not.toBe(before);
    expect(await user(here)).not.toBeNull();
    expect(await user(there)).toBeNull();
    await (await there.as()).account.signIn({ email: "fay@x.example", password: next });
  });

  test("forgotten is set anew by a mailed link: once, for an hour, also when used many times at once", async () => {
    const gus = browser();
    await (await gus.as()).account.signUp({ email: "gus@x.example", password });
    const caller = await browser().as();
    await caller.account.requestReset({ email: "gus@x.example" });
    const token = await newestLink("gus@x.example", "/reset-password");
    await expect(caller.account.reset({ token, password: "passwordpassword" })).rejects.toMatchObject({
      code: "UNPROCESSABLE_CONTENT",
    });
    const attempts = await Promise.allSettled(
      [1, 2, 3].map((n) => caller.account.reset({ token, password: `nine quiet lighthouses ${n}` })),
    );
    expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(caller.account.reset({ token, password })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await user(gus)).toBeNull();
    await caller.account.requestReset({ email: "gus@x.example" });
    const late = await newestLink("gus@x.example", "/reset-password");
    await t.app.withInstance((tx) =>
      tx.rows(sql`UPDATE "user" SET reset_expires_at = now() - interval '1 second'`),
    );
    await expect(caller.account.reset({ token: late, password })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("whether an address is known", () => {
  const answer = async (call: () => Promise<unknown>) => {
    const began = performance.now();
    const said = await call().then(JSON.stringify, (error: Error) => error.message);
    return { said, ms: performance.now() - began };
  };

  test("neither the words nor the time of an answer tell", async () => {
    await (await browser().as()).account.signUp({ email: "hal@x.example", password });
    const caller = createCaller(testContext(t, null, { env: mailed }));
    const calls: ((email: string) => Promise<unknown>)[] = [
      (email) => caller.account.signIn({ email, password: "a wrong password" }),
      (email) => caller.account.requestReset({ email }),
      (email) => caller.account.signUp({ email, password }),
    ];
    for (const call of calls) {
      const [known, unknown]: [number[], number[]] = [[], []];
      const words = new Set<string>();
      // the quickest of up to nine: a busy machine adds to an answer, and never takes away
      const apart = () => Math.abs(Math.min(...known) - Math.min(...unknown));
      const allowed = () => Math.max(Math.min(...known), Math.min(...unknown)) * 0.1 + 5;
      for (let round = 0; round < 9 && (round < 4 || apart() >= allowed()); round++) {
        const one = await answer(() => call("hal@x.example"));
        const other = await answer(() =>
          call(`nobody-${round}-${call.length}${Math.trunc(one.ms * 1000)}@x.example`),
        );
        known.push(one.ms);
        unknown.push(other.ms);
        words.add(one.said).add(other.said);
      }
      expect(words.size).toBe(1);
      expect(apart()).toBeLessThan(allowed());
    }
  });
});
