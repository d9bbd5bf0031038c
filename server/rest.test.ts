import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { createToken } from "#root/cli/token.ts";
import { startTestServer, type TestServer } from "./testing.ts";

let t: TestDatabase;
let web: TestServer;
let owner: string;
beforeAll(async () => {
  t = await createTestDatabase();
  web = await startTestServer(t);
  owner = await createToken(t.app, { org: "Acme", email: "owner@acme.example", role: "owner" });
});
afterAll(async () => {
  await web.close();
  await t.close();
});

type Json = Record<string, unknown>;

async function call(method: string, path: string, options: { token?: string; body?: unknown } = {}) {
  const answer = await fetch(`${web.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${options.token ?? owner}`,
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Json };
}

const errorOf = ({ status, body }: { status: number; body: Json }) => ({
  status,
  code: (body.error as Json | undefined)?.code,
});

describe("the REST API", () => {
  test("shows and changes the organisation; a policy key at null returns to its preset", async () => {
    const before = await call("GET", "/org");
    expect(before.body).toMatchObject({ name: "Acme", currency: "USD", timezone: "UTC", role: "owner" });
    expect(before.body.policy).toMatchObject({ preset: "jarvis", discounts: "recurring" });
    const changed = await call("PATCH", "/org", {
      body: { currency: "EUR", timezone: "Europe/Berlin", policy: { preset: "stripe", discounts: "none" } },
    });
    expect(changed).toMatchObject({ status: 200, body: { currency: "EUR", timezone: "Europe/Berlin" } });
    expect(changed.body.policy).toMatchObject({ preset: "stripe", discounts: "none", past_due: "counts" });
    const back = await call("PATCH", "/org", { body: { policy: { discounts: null } } });
    expect(back.body.policy).toMatchObject({ preset: "stripe", discounts: "forever_only" });
    expect((await call("GET", "/policy")).body).toMatchObject({
      preset: "stripe",
      discounts: "forever_only",
    });
  });

  test.each([
    [{ currency: "Euro" }],
    [{ currency: "XXX" }],
    [{ timezone: "Mars/Olympus" }],
    [{ timezone: "+01:00" }],
    [{ policy: { discounts: "sometimes" } }],
    [{ policy: { unknown_key: 1 } }],
    [{ name: "" }],
    [{ is_demo: true }],
    [{ id: "x" }],
  ])("refuses %j", async (body) => {
    expect(errorOf(await call("PATCH", "/org", { body }))).toEqual({ status: 400, code: "invalid_input" });
  });

  test("says in the envelope what is wrong", async () => {
    const wrong = await call("PATCH", "/org", { body: { currency: "Euro" } });
    expect(wrong.body).toEqual({
      error: {
        code: "invalid_input",
        message: "currency: is a code of three capital letters, like USD",
        details: { issues: [{ path: "currency", message: "is a code of three capital letters, like USD" }] },
      },
    });
    expect(errorOf(await call("GET", "/nothing-here"))).toEqual({ status: 404, code: "not_found" });
    expect(errorOf(await call("DELETE", "/org"))).toEqual({ status: 405, code: "method_not_allowed" });
    expect((await call("DELETE", "/org")).headers.get("allow")).toBe("GET, PATCH");
    expect((await call("PUT", "/uploads")).headers.get("allow")).toBe("GET, POST");
    const description = await call("POST", "/openapi.json");
    expect(errorOf(description)).toEqual({ status: 405, code: "method_not_allowed" });
    expect(description.headers.get("allow")).toBe("GET");
    expect(errorOf(await call("GET", "/org", { token: "jv_no" }))).toEqual({
      status: 401,
      code: "invalid_token",
    });
    expect(errorOf(await call("GET", "/dashboards/not-a-uuid"))).toEqual({
      status: 400,
      code: "invalid_input",
    });
    expect(errorOf(await call("GET", "/audit?limit=many"))).toEqual({ status: 400, code: "invalid_input" });
    expect(errorOf(await call("GET", "/audit?limit=1001"))).toEqual({ status: 400, code: "invalid_input" });
    expect(errorOf(await call("GET", "/audit?cursor=zzz"))).toEqual({ status: 400, code: "bad_cursor" });
    const none = await fetch(`${web.url}/api/v1/org`);
    expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="Jarvis360"']);
    const form = await fetch(`${web.url}/api/v1/dashboards`, {
      method: "POST",
      headers: { authorization: `Bearer ${owner}`, "content-type": "application/x-www-form-urlencoded" },
      body: "title=x",
    });
    expect(form.status).toBe(415);
  });

  test.each([
    ["/metrics?from=2026-Q5", "from: is a period like 2026-02-07, 2026-W07, 2026-02, 2026-Q1 or 2026"],
    ["/metrics?as_of=2026-05", "as_of: is a day like 2026-02-07"],
    [
      "/metrics?filter.colour=red",
      "filter.colour: a filter is plan, interval, currency, source, country, size, tenure, segment or attr.NAME",
    ],
    ["/metrics?filter.__proto__=red", "There is no filter __proto__."],
    ["/composition?by=colour", "by: is plan, currency, country, interval, size, source or attr.NAME"],
    ["/composition?by=attr.%00", "A text in this request holds a NUL character."],
    ["/customers?search=%00", "A text in this request holds a NUL character."],
    ["/customers/%00", "A text in this request holds a NUL character."],
    ["/movements?customer=%00", "A text in this request holds a NUL character."],
  ])("says of %s what would be right", async (path, message) => {
    expect(await call("GET", path)).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_input", message } },
    });
  });

  test.each(["POST", "PATCH", "PUT", "DELETE"])("asks a %s without a token for one", async (method) => {
    const path = method === "POST" ? "/uploads" : method === "PUT" ? "/finance/2026-01" : "/dashboards/x";
    const [to, init] = [`${web.url}/api/v1${path}`, { method }];
    const none = await fetch(to, init);
    expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="Jarvis360"']);
    const foreign = await fetch(to, { ...init, headers: { origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    const withCookie = await fetch(to, { ...init, headers: { cookie: "session=x" } });
    expect(withCookie.status).toBe(403);
  });

  test("pages through a list with its cursor", async () => {
    for (const title of ["one", "two", "three"]) {
      const made = await call("POST", "/dashboards", { body: { title } });
      expect(made.status).toBe(201);
      expect(made.body.doc_id).toBe(made.body.id);
      expect((await call("GET", `/dashboards/${made.body.id}`)).body).toMatchObject({ title, widgets: {} });
    }
    const titles: unknown[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/dashboards?limit=2&cursor=${cursor}`);
      titles.push(...(body.items as Json[]).map((item) => item.title));
      cursor = typeof body.next === "string" ? body.next : "";
    } while (cursor !== "");
    expect(titles).toEqual(["Overview", "one", "two", "three"]);
  });

  test("manages members by their address", async () => {
    const token = await createToken(t.app, {
      org: "Acme",
      email: "Viv+1@acme.example".toLowerCase(),
      role: "viewer",
    });
    const path = `/members/${encodeURIComponent("Viv+1@acme.example")}`;
    expect(errorOf(await call("PATCH", path, { token, body: { role: "admin" } })).status).toBe(403);
    expect((await call("PATCH", path, { body: { role: "editor" } })).body).toMatchObject({ role: "editor" });
    const { body } = await call("GET", "/members");
    expect((body.items as Json[]).map((item) => [item.email, item.role])).toEqual([
      ["owner@acme.example", "owner"],
      ["viv+1@acme.example", "editor"],
    ]);
    expect((await call("DELETE", path)).status).toBe(200);
    // the token of somebody who left is worth nothing
    expect((await call("GET", "/org", { token })).status).toBe(401);
    expect(errorOf(await call("PATCH", path, { body: { role: "viewer" } }))).toEqual({
      status: 404,
      code: "not_found",
    });
  });

  test("makes tokens, shows them once, and forgets them", async () => {
    const made = await call("POST", "/tokens", { body: { name: "for the warehouse", role: "viewer" } });
    expect(made.status).toBe(201);
    const token = String(made.body.token);
    expect(token).toMatch(/^jv_[0-9a-f]{32}_/);
    expect((await call("GET", "/org", { token })).body).toMatchObject({ name: "Acme", role: "viewer" });
    expect(errorOf(await call("POST", "/dashboards", { token, body: { title: "x" } })).status).toBe(403);
    expect(JSON.stringify((await call("GET", "/tokens")).body)).not.toContain(token.slice(36));
    expect((await call("DELETE", `/tokens/${made.body.id}`)).status).toBe(200);
    expect((await call("GET", "/org", { token })).status).toBe(401);
  });

  test("writes down who did what, and lets nobody change it", async () => {
    const { body } = await call("GET", "/audit");
    const items = body.items as Json[];
    expect(items.map((item) => item.action)).toEqual(
      expect.arrayContaining([
        "organisation.created",
        "organisation.updated",
        "member.removed",
        "token.created",
      ]),
    );
    expect(items.find((item) => item.action === "member.removed")).toMatchObject({
      actor: "owner@acme.example (API token)",
      target: "viv+1@acme.example",
      ip: "127.0.0.1",
    });
    for (const statement of ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"]) {
      const rejected = t.app.withOrg(t.orgA, (tx) => tx.rows(sql.raw(statement)));
      await expect(rejected).rejects.toMatchObject({
        cause: { message: expect.stringContaining("permission denied") },
      });
    }
  });

  test("signs a browser in with a token, for as long as the token lives", async () => {
    const made = await call("POST", "/tokens", { body: { name: "browser", role: "viewer" } });
    const answer = await fetch(`${web.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: made.body.token }),
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ organisation: { name: "Acme" }, role: "viewer" });
    const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
    const ask = async () => (await fetch(`${web.url}/api/v1/org`, { headers: { cookie } })).status;
    expect(await ask()).toBe(200);
    // the stored hash is no key
    expect((await fetch(`${web.url}/api/v1/org`, { headers: { cookie: "session=x" } })).status).toBe(401);
    await call("DELETE", `/tokens/${made.body.id}`);
    expect(await ask()).toBe(401);
    const wrong = await fetch(`${web.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"token":"jv_wrong"}',
    });
    expect(wrong.status).toBe(401);
  });

  test("describes itself", async () => {
    const { body } = await call("GET", "/openapi.json");
    expect(body.openapi).toMatch(/^3\.1/);
    expect(body.servers).toEqual([{ url: `${web.url}/api/v1` }]);
    const paths = body.paths as Record<string, Record<string, Json>>;
    for (const path of [
      "/org",
      "/members/{email}",
      "/tokens",
      "/invitations",
      "/audit",
      "/session",
      "/dashboards/{id}",
    ])
      expect(Object.keys(paths)).toContain(path);
    expect(Object.keys(paths["/tokens"]?.post?.responses as Json)).toContain("201");
    expect(Object.keys(paths["/uploads"]?.post?.requestBody as Json)).toContain("content");
    const unresolved = JSON.stringify(body).match(/"#\/[^"]+"/g) ?? [];
    for (const reference of unresolved) {
      const place = reference.slice(3, -1).split("/");
      expect(place.reduce<unknown>((at, key) => (at as Json)[key], body)).toBeDefined();
    }
    const docs = await (await fetch(`${web.url}/api/docs`)).text();
    expect(docs).toContain("/api/v1/members/{email}");
    expect(docs).not.toContain("<script");
  });
});

describe("the command line’s token", () => {
  test("makes what is missing: organisation, person, membership, first dashboard", async () => {
    const token = await createToken(t.app, { org: "Fresh", email: "ada@fresh.example", role: "viewer" });
    expect((await call("GET", "/org", { token })).body).toMatchObject({ name: "Fresh", role: "viewer" });
    const again = await createToken(t.app, { org: "Fresh", email: "ada@fresh.example", role: "owner" });
    const { body } = await call("GET", "/members", { token: again });
    expect(body.items).toMatchObject([{ email: "ada@fresh.example", role: "owner" }]);
    expect((await call("GET", "/dashboards", { token })).body.items).toMatchObject([{ title: "Overview" }]);
  });

  test("asked for several times at once makes one organisation with one owner", async () => {
    const tokens = await Promise.all(
      ["a", "b", "c"].map((name) =>
        createToken(t.app, { org: "Race", email: `${name}@race.example`, role: "editor" }),
      ),
    );
    const { body } = await call("GET", "/members", { token: tokens[0]! });
    expect((body.items as Json[]).map((item) => item.role).sort()).toEqual(["editor", "editor", "owner"]);
  });
});
