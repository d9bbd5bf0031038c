import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createMessageWriter } from "./message-writer.ts";

test("messages of every length arrive as they were, between those that the library writes itself", async () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000];
  const given = lengths.map((length) => new Uint8Array(length).map((_, index) => index % 251));
  const message = createMessageWriter();
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true });
  server.on("upgrade", (req, socket, head) =>
    wss.handleUpgrade(req, socket, head, (client) => {
      for (const bytes of given) {
        socket.write(message(bytes));
        // twice, from what it has kept
        socket.write(message(bytes));
        client.send("between");
      }
      client.close(4_000);
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const heard: Buffer[] = [];
  client.on("message", (data: Buffer) => heard.push(data));
  const [code] = (await once(client, "close")) as [number];
  expect(code).toBe(4_000);
  const expected = given.flatMap((bytes) => [bytes, bytes, Buffer.from("between")]);
  expect(heard.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  expect(heard.every((data, index) => data.equals(expected[index]!))).toBe(true);
  server.close();
});
