import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import express from "express";
import { expect, test } from "vitest";
import { bodyDeadline } from "./patience.ts";

test("a body that does not come is given up, an upload only when nothing moves", async () => {
  const app = express();
  app.use(bodyDeadline((req) => req.url === "/upload", { bodyMs: 100, uploadIdleMs: 300 }));
  app.use((req, res) => {
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
    });
    req.on("end", () => res.end(`got ${size}`));
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  const send = (path: string, drip: boolean) =>
    new Promise<string>((done) => {
      const socket = connect(port, "127.0.0.1");
      let got = "";
      let left = 5;
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\n1`);
      const timer = drip && setInterval(() => left-- > 0 && socket.write("1"), 100);
      socket.on("data", (chunk) => {
        got += chunk.toString();
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        if (timer) clearInterval(timer);
        done(got);
      });
    });
  const [slow, steady, stuck] = await Promise.all([
    send("/", false),
    send("/upload", true),
    send("/upload", false),
  ]);
  server.close();
  expect(slow).toMatch(/^HTTP\/1.1 408/);
  expect(steady).toContain("got 6");
  expect(stuck).toBe("");
});
