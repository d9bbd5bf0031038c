import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerBuild } from "@remix-run/node";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { createHttpServer, type HttpServer } from "../http.ts";
import { testEnv } from "../testing.ts";

let t: TestDatabase;
let dir: string;
let http: HttpServer;
let url: string;
beforeAll(async () => {
  t = await createTestDatabase();
  dir = await mkdtemp(join(tmpdir(), "jarvis360-build-"));
  await mkdir(join(dir, "client", "assets"), { recursive: true });
  await writeFile(join(dir, "client", "assets", "app-abc.js"), `/* ${"x".repeat(5_000)} */`);
  await writeFile(join(dir, "client", "favicon.svg"), "<svg/>");
  await mkdir(join(dir, "client", "api", "v1"), { recursive: true });
  await writeFile(join(dir, "client", "api", "v1", "org"), "a file");
  await writeFile(join(dir, "secret.txt"), "not for the world");
  http = await createHttpServer({
    db: t.app,
    env: testEnv(),
    log: pino({ level: "silent" }),
    site: {
      kind: "built",
      dir,
      source: async (): Promise<ServerBuild> => Promise.reject(new Error("no pages")),
    },
  });
  url = (await http.listen(0, "127.0.0.1")).replace("localhost", "127.0.0.1");
});
afterAll(async () => {
  await http.close(1_000);
  await rm(dir, { recursive: true });
  await t.close();
});

describe("the built files", () => {
  test("are kept for good by the browser, and come compressed", async () => {
    const answer = await fetch(`${url}/assets/app-abc.js`, { headers: { "accept-encoding": "br" } });
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(answer.headers.get("content-encoding")).toBe("br");
    expect((await answer.text()).length).toBe(5_006);
    const gzip = await fetch(`${url}/assets/app-abc.js`, { headers: { "accept-encoding": "gzip" } });
    expect(gzip.headers.get("content-encoding")).toBe("gzip");
    await gzip.arrayBuffer();
    expect((await fetch(`${url}/favicon.svg`)).headers.get("content-type")).toMatch(/svg/);
  });

  test("are not looked for where the APIs answer", async () => {
    const answer = await fetch(`${url}/api/v1/org`);
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toBe("a file");
  });

  test("that are missing are missing: an old page gets no HTML for a script", async () => {
    const answer = await fetch(`${url}/assets/app-old.js`);
    expect([answer.status, await answer.text()]).toEqual([404, "There is no such file.\n"]);
  });

  test.each([
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets/%5c..%5c..%5csecret.txt",
  ])("end where their folder ends: %s", async (path) => {
    expect(await (await fetch(url + path)).text()).not.toContain("not for the world");
  });
});

describe("a page that fails", () => {
  test("says so in words, with the id under which it was logged, and without its inside", async () => {
    const answer = await fetch(`${url}/some-page`, { headers: { accept: "text/html" } });
    expect(answer.status).toBe(500);
    const html = await answer.text();
    expect(html).toContain("Something went wrong on our side");
    expect(html).toContain(answer.headers.get("x-request-id"));
    expect(html).not.toContain("no pages");
  });

  test("refuses a form that is too long or hides its length", async () => {
    const post = (body: string | ReadableStream, more: object = {}) =>
      fetch(`${url}/login`, { method: "POST", body, headers: { origin: url, accept: "text/html" }, ...more });
    expect((await post("x".repeat(2_000_000))).status).toBe(413);
    const stream = new Blob(["a=1"]).stream();
    expect((await post(stream, { duplex: "half" })).status).toBe(400);
  });
});

test("a browser’s report of what the policy stopped is counted", async () => {
  const report = await fetch(`${url}/csp-report`, { method: "POST", body: '{"csp-report":{}}' });
  expect(report.status).toBe(204);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("jarvis_csp_reports_total 1");
});
