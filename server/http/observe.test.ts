import { expect, test } from "vitest";
import { describe as describeRequest } from "./observe.ts";

const request = (originalUrl: string, userAgent = "") =>
  describeRequest({ method: "GET", originalUrl, headers: { "user-agent": userAgent }, ip: "192.0.2.1" });

test("secrets in links do not reach the log", () => {
  expect(request("/verify?token=abc&x=1").path).toBe("/verify?token=…&x=1");
  expect(request("/invitation?next=%2F&token=jvi_1_2").path).toBe("/invitation?next=%2F&token=…");
});

test("what somebody sends cannot break a line, colour a terminal or fill a disk", () => {
  const { userAgent } = request("/", `evil\n{"level":60}\u001b[31m${"x".repeat(1_000_000)}`);
  expect(userAgent).not.toMatch(/\p{Cc}/u);
  expect(userAgent.length).toBeLessThan(300);
});
