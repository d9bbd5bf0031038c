import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

/** As much of Redis as a bus needs: SUBSCRIBE and PUBLISH over RESP2. */
export interface TestRedis {
  url: string;
  /** Cuts every connection; clients come back. */
  cut(): void;
  readonly subscribers: number;
  close(): Promise<void>;
}

export async function startTestRedis(): Promise<TestRedis> {
  const sockets = new Set<Socket>();
  const channels = new Map<string, Set<Socket>>();

  function answer(socket: Socket, [name, ...given]: Buffer[]): void {
    const [channel = ""] = given.map(String);
    const command = String(name ?? "").toUpperCase();
    if (command === "SUBSCRIBE") {
      channels.set(channel, (channels.get(channel) ?? new Set()).add(socket));
      socket.write(`*3\r\n$9\r\nsubscribe\r\n$${Buffer.byteLength(channel)}\r\n${channel}\r\n:1\r\n`);
    } else if (command === "PUBLISH") {
      const message = given[1] ?? Buffer.alloc(0);
      const listeners = channels.get(channel) ?? new Set();
      for (const listener of listeners) {
        listener.write(
          `*3\r\n$7\r\nmessage\r\n$${Buffer.byteLength(channel)}\r\n${channel}\r\n$${message.length}\r\n`,
        );
        listener.write(Buffer.concat([message, Buffer.from("\r\n")]));
      }
      socket.write(`:${listeners.size}\r\n`);
    } else socket.write("+OK\r\n");
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      for (const listeners of channels.values()) listeners.delete(socket);
    });
    socket.on("data", (data) => {
      rest = Buffer.concat([rest, data]);
      for (let read = readCommand(rest); read; read = readCommand(rest)) {
        rest = rest.subarray(read.end);
        answer(socket, read.parts);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    get subscribers() {
      return [...channels.values()].reduce((sum, listeners) => sum + listeners.size, 0);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** `*2\r\n$4\r\nPING\r\n…`: the parts and where the command ends; null while some of it has not come. */
function readCommand(bytes: Buffer): { parts: Buffer[]; end: number } | null {
  const line = (from: number): { value: number; end: number } | null => {
    const end = bytes.indexOf("\r\n", from);
    return end < 0 ? null : { value: Number(bytes.subarray(from + 1, end)), end: end + 2 };
  };
  const count = line(0);
  if (!count) return null;
  const parts: Buffer[] = [];
  let at = count.end;
  for (let i = 0; i < count.value; i++) {
    const length = line(at);
    if (!length || bytes.length < length.end + length.value + 2) return null;
    parts.push(bytes.subarray(length.end, length.end + length.value));
    at = length.end + length.value + 2;
  }
  return { parts, end: at };
}
