import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { proceduresOf } from "./rest-routes.ts";
import { appRouter } from "./router.ts";
import { startTestServer, type TestServer, testMember, testSession, testToken } from "./testing.ts";

let t: TestDatabase;
let web: TestServer;
let cookie: string;
beforeAll(async () => {
  t = await createTestDatabase();
  web = await startTestServer(t);
  const { secret } = await testSession(t, await testMember(t, t.orgA, "owner", "owner@a.example"));
  cookie = `session=${secret}`;
});
afterAll(async () => {
  await web.close();
  await t.close();
});

const status = async (path: string, init: RequestInit = {}) => (await fetch(web.url + path, init)).status;
const own = () => ({ cookie, origin: web.url });
const foreign = () => ({ cookie, origin: "https://evil.example" });

/** Sends bytes as they are and gives back everything that comes, until the server hangs up. */
function raw(text: string): Promise<string> {
  const { port } = new URL(web.url);
  return new Promise((done, fail) => {
    const socket: Socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
      // taken for a WebSocket it stays open, and there is nothing more to hear
      if (got.startsWith("HTTP/1.1 101")) socket.destroy();
    });
    socket.on("close", () => done(got));
    socket.on("error", fail);
  });
}

const mutations = Object.entries(proceduresOf(appRouter))
  .filter(([, procedure]) => procedure._def.type === "mutation")
  .map(([name]) => name);

describe("a forged request", () => {
  test("reaches no mutation, whatever it is dressed as", async () => {
    const bodies: [string, string][] = [
      ["application/x-www-form-urlencoded", "a=1"],
      ["multipart/form-data; boundary=x", "--x\r\n\r\n--x--\r\n"],
      ["text/plain", "{}"],
      ["application/json", "{}"],
    ];
    for (const name of mutations)
      for (const [type, body] of bodies) {
        const init = { method: "POST", body, headers: { ...foreign(), "content-type": type } };
        expect(`${name} ${type} ${await status(`/trpc/${name}`, init)}`).toBe(`${name} ${type} 403`);
      }
    expect(await status("/trpc/account.me", { headers: { cookie } })).toBe(200);
    const me = await (await fetch(`${web.url}/trpc/account.me`, { headers: { cookie } })).text();
    expect(me).toContain("owner@a.example");
  });

  test("from a page of ours still needs JSON and the header", async () => {
    const headers = { ...own(), "x-trpc-source": "web" };
    const form = { "content-type": "multipart/form-data; boundary=x" };
    expect(await status("/trpc/account.signOut", { method: "POST", headers: own() })).toBe(403);
    expect(
      await status("/trpc/account.signOut", { method: "POST", body: "x", headers: { ...headers, ...form } }),
    ).toBe(415);
  });

  test.each([
    "/api/v1/dashboards",
    "/api/v1/uploads",
    "/api/v1/session",
    "/logout",
    "/login",
    "/settings.data",
  ])("to %s is turned away", async (path) => {
    const init = { method: "POST", body: "a=1", headers: { ...foreign(), "content-type": "text/plain" } };
    expect(await status(path, init)).toBe(403);
  });

  test("with a cookie needs an Origin, with a token it does not, with a foreign one both fail", async () => {
    const token = await testToken(t, t.orgA, "editor");
    const post = (headers: Record<string, string>) =>
      status("/api/v1/dashboards", {
        method: "POST",
        body: '{"title":"x"}',
        headers: { ...headers, "content-type": "application/json" },
      });
    expect(await post({ cookie })).toBe(403);
    expect(await post(own())).toBe(201);
    expect(await post({ authorization: `Bearer ${token}` })).toBe(201);
    expect(await post({ authorization: `Bearer ${token}`, origin: "https://evil.example" })).toBe(403);
    // a made-up header must not open the door for the cookie beside it
    expect(await post({ cookie, authorization: "Bearer x" })).toBe(401);
    expect(await post({ cookie, authorization: "Basic x" })).toBe(403);
  });

  test("by GET, HEAD or an override header changes nothing", async () => {
    expect(await status("/trpc/account.signOut", { headers: own() })).toBe(405);
    // tRPC answers HEAD without calling anything
    expect(await status("/trpc/account.signOut", { method: "HEAD", headers: own() })).toBe(204);
    const override = { ...own(), "x-http-method-override": "DELETE" };
    expect(await status("/api/v1/org?_method=DELETE", { headers: override })).toBe(200);
    expect(await status("/api/v1/session", { headers: own() })).toBe(405);
  });

  test("to open a WebSocket is refused before it is accepted", async () => {
    const { host } = new URL(web.url);
    const upgrade = (origin: string) =>
      raw(
        `GET /collab/x HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: ${cookie}\r\n${origin}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      );
    expect(await upgrade("Origin: https://evil.example\r\n")).toMatch(/^HTTP\/1.1 403/);
    expect(await upgrade("")).toMatch(/^HTTP\/1.1 403/);
    expect(await upgrade("Origin: null\r\n")).toMatch(/^HTTP\/1.1 403/);
    expect(await upgrade(`Origin: ${web.url}\r\n`)).toMatch(/^HTTP\/1.1 101/);
  });
});

test("an upload asks who it is from before it reads a byte", async () => {
  const form = () => {
    const body = new FormData();
    body.set("file", new Blob(["customer_id,amount,started_at\na,1,2026-01-01\n"]), "a.csv");
    return { method: "POST", body };
  };
  const as = async (role: "viewer" | "editor") => ({
    authorization: `Bearer ${await testToken(t, t.orgA, role)}`,
  });
  expect(await status("/api/v1/uploads", { ...form(), headers: { origin: web.url } })).toBe(401);
  expect(await status("/api/v1/uploads", { ...form(), headers: await as("viewer") })).toBe(403);
  expect(await status("/api/v1/uploads", { ...form(), headers: await as("editor") })).toBe(202);
});

describe("the name it is called by", () => {
  test("must be ours: anything else gets 421 and is told to set BASE_URL", async () => {
    const answer = await raw("GET /api/v1/org HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 421/);
    expect(answer).toContain("set BASE_URL");
  });

  test("is not believed from a header that anybody can send", async () => {
    const token = await testToken(t, t.orgA, "owner");
    const headers = {
      authorization: `Bearer ${token}`,
      "x-forwarded-host": "evil.example",
      "x-forwarded-for": "198.51.100.7",
      "content-type": "application/json",
    };
    const invited = await fetch(`${web.url}/api/v1/invitations`, {
      method: "POST",
      headers,
      body: '{"email":"somebody@else.example","role":"viewer"}',
    });
    expect(invited.status).toBe(201);
    const outbox = await (await fetch(`${web.url}/api/v1/outbox`, { headers })).text();
    expect(outbox).toContain("/invitation?token=");
    expect(outbox).not.toContain("evil.example");
    const audit = await (
      await fetch(`${web.url}/api/v1/audit?action=invitation.created`, { headers })
    ).text();
    expect(audit).not.toContain("198.51.100.7");
  });

  test("and the address it is called from are believed from a proxy of ours, as far as it stands in front", async () => {
    const proxied = await startTestServer(t, { TRUSTED_PROXIES: "1" });
    const headers = {
      authorization: `Bearer ${await testToken(t, t.orgB, "owner")}`,
      "content-type": "application/json",
      "x-forwarded-for": "6.6.6.6, 198.51.100.7",
    };
    const post = { method: "POST", headers, body: '{"title":"behind a proxy"}' };
    expect((await fetch(`${proxied.url}/api/v1/dashboards`, post)).status).toBe(201);
    const audit = await (await fetch(`${proxied.url}/api/v1/audit`, { headers })).text();
    expect(audit).toContain("198.51.100.7");
    expect(audit).not.toContain("6.6.6.6");
    const elsewhere = { ...headers, "x-forwarded-host": "evil.example" };
    expect((await fetch(`${proxied.url}/api/v1/org`, { headers: elsewhere })).status).toBe(421);
    await proxied.close();
  });

  test("does not matter to a probe", async () => {
    const answer = await raw("GET /healthz HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 200/);
  });
});

describe("every answer", () => {
  test("carries the policy with a fresh nonce, and cannot be framed or sniffed", async () => {
    const one = await fetch(`${web.url}/api/docs`);
    const policy = one.headers.get("content-security-policy") ?? "";
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(await one.text()).toContain(`<style nonce="${nonce}">`);
    expect(policy).toContain(`script-src 'self' 'nonce-${nonce}'`);
    expect(policy).toContain("style-src-attr 'unsafe-inline'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`connect-src 'self' ${web.url.replace("http", "ws")}`);
    expect(one.headers.get("x-content-type-options")).toBe("nosniff");
    expect(one.headers.get("x-frame-options")).toBe("DENY");
    expect(one.headers.get("x-powered-by")).toBeNull();
    expect(one.headers.get("strict-transport-security")).toBeNull();
    const two = await fetch(`${web.url}/api/docs`);
    expect(two.headers.get("content-security-policy")).not.toContain(nonce);
  });

  test("under https demands it, and puts the cookie under a name that no other host can set", async () => {
    const secure = await startTestServer(t, { BASE_URL: "https://jarvis.example" });
    const { port } = new URL(secure.url);
    const token = await testToken(t, t.orgA, "viewer");
    const answer = await new Promise<string>((done) => {
      const body = JSON.stringify({ token });
      const socket = connect(Number(port), "127.0.0.1", () =>
        socket.write(
          `POST /api/v1/session HTTP/1.1\r\nHost: jarvis.example\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      let got = "";
      socket.on("data", (chunk) => {
        got += chunk.toString();
      });
      socket.on("close", () => done(got));
    });
    await secure.close();
    expect(answer).toMatch(/^HTTP\/1.1 201/);
    expect(answer).toMatch(
      /Set-Cookie: __Host-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure/,
    );
    expect(answer).toMatch(/Strict-Transport-Security/i);
  });
});

describe("too much", () => {
  test("of headers or address is refused", async () => {
    const { host } = new URL(web.url);
    const headers = await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(headers).toMatch(/^HTTP\/1.1 431/);
    const address = await raw(`GET /?${"a=1&".repeat(10_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(address).toMatch(/^HTTP\/1.1 (414|431)/);
  });

  test("of a body is refused before it is parsed, and nothing falls over", async () => {
    const post = (body: string) =>
      status("/api/v1/dashboards", {
        method: "POST",
        body,
        headers: { ...own(), "content-type": "application/json" },
      });
    expect(await post(`{"title":"${"x".repeat(2_000_000)}"}`)).toBe(413);
    expect(await post(`{"title":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)).toBe(400);
    expect(await post('{"__proto__":{"x":1},"title":"y"}')).toBe(400);
    expect(await post('{"constructor":{"prototype":{"x":1}},"title":"y"}')).toBe(400);
    const call = (body: string) =>
      status("/trpc/dashboards.create", {
        method: "POST",
        body,
        headers: { ...own(), "content-type": "application/json", "x-trpc-source": "web" },
      });
    expect(await call('{"json":{"title":"y"},"meta":{"values":{"__proto__.x":["Date"]}}}')).toBe(400);
    expect(
      await call('{"json":{"title":"y"},"meta":{"values":{"constructor.prototype.x":["undefined"]}}}'),
    ).toBe(400);
    expect(await call('{"json":{"title":"y"}}')).toBe(200);
    expect(await post("{")).toBe(400);
    expect(await post("[]")).toBe(400);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test("of calls in one request is refused, empty ones included", async () => {
    const many = Array(1_000).fill("account.me").join(",");
    expect(await status(`/trpc/${many}?batch=1`)).toBe(400);
    expect(await status(`/trpc/${",".repeat(500)}?batch=1`)).toBe(400);
    const deep = encodeURIComponent("[".repeat(1_000) + "]".repeat(1_000));
    expect(await status(`/trpc/account.me?input=${deep}`)).toBe(400);
    expect(await status("/trpc/account.me,account.me?batch=1&input=%7B%7D")).toBe(200);
  });

  test("of waiting for headers is not done", () => {
    expect(web.http.server.headersTimeout).toBe(15_000);
  });
});

describe("the metrics", () => {
  test("are for programs on this machine, not for what a proxy sends on", async () => {
    const answer = await fetch(`${web.url}/metrics`);
    expect(await answer.text()).toContain("jarvis_http_request_seconds");
    expect(await status("/metrics", { headers: { "x-forwarded-for": "198.51.100.7" } })).toBe(403);
  });

  test("with a token are for whoever has it", async () => {
    const guarded = await startTestServer(t, { METRICS_TOKEN: "secret" });
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${guarded.url}/metrics`, { headers })).status;
    expect(await ask({})).toBe(403);
    expect(await ask({ authorization: "Bearer wrong" })).toBe(403);
    expect(await ask({ authorization: "Bearer secret" })).toBe(200);
    await guarded.close();
  });
});

test("while it shuts down it says that it is not ready, and lets a running request end", async () => {
  const leaving = await startTestServer(t);
  const { port } = new URL(leaving.url);
  const body = '{"email":"a@b.example"}';
  const socket = connect(Number(port), "127.0.0.1");
  const answered = new Promise<string>((done) => {
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk.toString();
    });
    socket.on("close", () => done(got));
  });
  socket.write(
    `POST /api/v1/session HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  expect((await fetch(`${leaving.url}/readyz`)).status).toBe(200);
  const closed = leaving.http.close(5_000);
  socket.write(body);
  expect(await answered).toMatch(/^HTTP\/1.1 400/);
  await closed;
  await expect(fetch(`${leaving.url}/healthz`)).rejects.toThrow();
});
