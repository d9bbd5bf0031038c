import { describe, expect, test } from "vitest";
import { passesGate } from "./gate.ts";
import { createOrigins } from "./origins.ts";

const origin = "http://localhost:3000";
type Case = [what: string, headers: Record<string, string>, passes: boolean];

const cookieWrites: Case[] = [
  ["a page of this origin, by the browser’s word", { "sec-fetch-site": "same-origin" }, true],
  ["a page of this origin, by its Origin", { origin }, true],
  ["a page of this origin that hides its address", { origin: "null", "sec-fetch-site": "same-origin" }, true],
  ["nobody knows where from", {}, false],
  ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }, false],
  ["another site in an old browser", { origin: "https://evil.example" }, false],
  ["a sandboxed page", { origin: "null" }, false],
  ["a sandboxed page in a new browser", { origin: "null", "sec-fetch-site": "cross-site" }, false],
  ["a subdomain of ours", { origin: "http://evil.localhost:3000", "sec-fetch-site": "same-site" }, false],
  ["another port", { origin: "http://localhost:4000", "sec-fetch-site": "same-site" }, false],
  ["the same name over https", { origin: "https://localhost:3000" }, false],
  ["a name that ours begins", { origin: "http://localhost:3000.evil.example" }, false],
  ["the address bar", { "sec-fetch-site": "none" }, false],
  ["a contradiction", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }, false],
];

describe("the gate, for a write with a cookie", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "UPGRADE", "PROPFIND"])
    test.each(cookieWrites)(`${method} from %s`, (_what, headers, passes) => {
      expect(passesGate({ method, headers, origin, isBearer: false })).toBe(passes);
    });

  test.each(["GET", "HEAD", "OPTIONS"])("%s passes from anywhere: it changes nothing", (method) => {
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect(passesGate({ method, headers, origin, isBearer: false })).toBe(true);
  });
});

describe("the gate, for a write with a bearer token", () => {
  const cases: Case[] = [
    ["a program", {}, true],
    ["a page of ours", { origin }, true],
    ["another site", { origin: "https://evil.example" }, false],
    ["another site, by the browser’s word", { "sec-fetch-site": "cross-site" }, false],
    ["a sandboxed page", { origin: "null" }, false],
  ];
  test.each(cases)("from %s", (_what, headers, passes) => {
    expect(passesGate({ method: "POST", headers, origin, isBearer: true })).toBe(passes);
  });
});

describe("the names of the server", () => {
  test("without BASE_URL it is localhost and 127.0.0.1 on its port", () => {
    const own = createOrigins(null, 3000);
    expect(own.origin).toBe("http://localhost:3000");
    expect(own.ofHost("localhost:3000")).toBe("http://localhost:3000");
    expect(own.ofHost("127.0.0.1:3000")).toBe("http://127.0.0.1:3000");
    for (const host of [
      "evil.example",
      "localhost",
      "localhost:3001",
      "[::1]:3000",
      "192.168.0.5:3000",
      "",
      undefined,
    ])
      expect(own.ofHost(host)).toBeNull();
  });

  test("with BASE_URL it is that name alone", () => {
    const own = createOrigins("https://jarvis.example/", 3000);
    expect(own).toMatchObject({ origin: "https://jarvis.example", https: true });
    expect(own.ofHost("Jarvis.example")).toBe("https://jarvis.example");
    for (const host of ["localhost:3000", "jarvis.example:3000", "jarvis.example.evil.example"])
      expect(own.ofHost(host)).toBeNull();
  });

  test("a default port is not written", () => {
    expect(createOrigins(null, 80).ofHost("localhost")).toBe("http://localhost");
  });
});
