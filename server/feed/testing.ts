import { WebSocket } from "ws";
import type { FeedMessage } from "#contracts/feed.ts";

/** What came back for one request, as tRPC writes it. */
interface Answer {
  id: number | null;
  error?: { json: { message: string; data: { code: string } } };
  result?: { type: string; id?: string; data?: { json: { data: FeedMessage } } };
}

/** A connection to the feed, spoken by hand. */
export interface TestFeed {
  socket: WebSocket;
  send(message: unknown): void;
  subscribe(options?: { id?: number; lastEventId?: string; path?: string }): void;
  /** The next answer that came, in order. */
  next(): Promise<Answer>;
  /** The next message of the feed, with its number. */
  nextMessage(): Promise<{ id: string; message: FeedMessage }>;
  /** The code it was closed with. */
  closed: Promise<number>;
}

/** @throws with the HTTP status when the server does not accept it */
export async function openTestFeed(
  url: string,
  headers: Record<string, string>,
  query = "",
): Promise<TestFeed> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/trpc${query}`, { headers });
  const came: Answer[] = [];
  let wake: (() => void) | null = null;
  const closed = new Promise<number>((done) => void socket.once("close", done));
  let over = false;
  void closed.then(() => {
    over = true;
    wake?.();
  });
  socket.on("message", (data) => {
    const text = String(data);
    if (text !== "PONG") came.push(JSON.parse(text) as Answer);
    wake?.();
  });
  await new Promise<void>((done, fail) => {
    socket.once("open", done);
    socket.once("unexpected-response", (_req, res) => fail(new Error(String(res.statusCode))));
    socket.on("error", fail);
  });

  const next = async (): Promise<Answer> => {
    for (;;) {
      const first = came.shift();
      if (first) return first;
      if (over) throw new Error("the connection is closed");
      await new Promise<void>((done) => {
        wake = done;
      });
    }
  };
  const send = (message: unknown) =>
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
  return {
    socket,
    closed,
    next,
    send,
    subscribe({ id = 1, lastEventId, path = "feed" } = {}) {
      send({ id, method: "subscription", params: { path, input: { json: { lastEventId } } } });
    },
    async nextMessage() {
      for (;;) {
        const { result, error } = await next();
        if (error) throw new Error(error.json.message);
        if (result?.type === "data" && result.data && result.id !== undefined)
          return { id: result.id, message: result.data.json.data };
        if (result?.type === "data") throw new Error("a message without an id");
      }
    },
  };
}
