import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { BusMessage, BusWay } from "./bus.ts";

/**
 * The way over Redis or Valkey, beside the one over Postgres: quicker, and it carries bytes. At most once is enough: whoever misses
 * something reads the database.
 */

const channel = "jarvis360:bus";
/** What waits for Redis while it is away: less than a second of a busy server. */
const mostWaiting = 1_000;

/** @param options.onError hears of connections that broke; they are made again by themselves */
export function redisWay(options: { url: string; onError?: (error: Error) => void }): BusWay {
  const onError = options.onError ?? (() => {});
  const self = randomUUID();
  const connect = () => {
    const client = new Redis(options.url, {
      lazyConnect: true,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      retryStrategy: (attempt) =>
        Math.min(5_000, 100 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2),
    });
    client.on("error", onError);
    return client;
  };
  const speaker = connect();
  const listener = connect();
  let waiting = 0;
  let isClosed = false;

  return {
    open(receive, onGap) {
      listener.on("ready", () => {
        listener.subscribe(channel).then(() => onGap(), onError);
      });
      listener.on("messageBuffer", (_channel: Buffer, packed: Buffer) => {
        try {
          const { from, ...message } = unpack(packed);
          if (from !== self) receive(message);
        } catch (error) {
          onError(error as Error);
        }
      });
      speaker.connect().catch(onError);
      listener.connect().catch(onError);
    },
    send(message) {
      if (isClosed || waiting >= mostWaiting || speaker.status !== "ready") return;
      waiting += 1;
      speaker
        .publish(channel, pack(self, message))
        .catch(onError)
        .finally(() => {
          waiting -= 1;
        });
    },
    async close() {
      isClosed = true;
      await speaker.quit().catch(() => speaker.disconnect());
      listener.disconnect();
      speaker.disconnect();
    },
  };
}

/** Length of the words, the words, the bytes. */
function pack(from: string, { topic, payload, bytes }: BusMessage): Buffer {
  const words = Buffer.from(JSON.stringify({ from, topic, payload, hasBytes: bytes !== null }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(words.length);
  return Buffer.concat([length, words, bytes ?? new Uint8Array()]);
}

function unpack(packed: Buffer): {
  from: string;
  topic: unknown;
  payload: unknown;
  bytes: Uint8Array | null;
} {
  const end = 4 + packed.readUInt32BE(0);
  const { hasBytes, ...words } = JSON.parse(packed.subarray(4, end).toString()) as {
    from: string;
    topic: unknown;
    payload: unknown;
    hasBytes: boolean;
  };
  return { ...words, bytes: hasBytes ? packed.subarray(end) : null };
}
