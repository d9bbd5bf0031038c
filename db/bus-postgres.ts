import { randomUUID } from "node:crypto";
import pg from "pg";
import type { BusMessage, BusWay } from "./bus.ts";

/**
 * The way over Postgres, which is always there. One connection per process, one channel; NOTIFY in a statement of its own,
 * never in a transaction that writes: a commit that notifies waits for every other such commit of the database.
 */

const channel = "jarvis_bus";
/** So often at most, however much there is to say. */
const pauseMs = 50;
/** Postgres takes less than 8000 bytes. */
const mostBytes = 7_900;
/** What waits while the database is away; who hears nothing looks by itself every now and then. */
const mostWaiting = 1_000;
const firstRetryMs = 100;
const lastRetryMs = 5_000;

/** @param options.onError hears of connections that broke; they are made again by themselves */
export function postgresWay(options: { url: string; onError?: (error: Error) => void }): BusWay {
  const onError = options.onError ?? (() => {});
  const self = randomUUID();
  /** Said twice in one breath is said once. */
  const waiting = new Set<string>();
  let hear: { receive: (message: unknown) => void; onGap: () => void } | null = null;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let retries = 0;
  let closing = false;
  let sending: Promise<void> = Promise.resolve();
  let sentAt = Number.NEGATIVE_INFINITY;
  let flushTimer: NodeJS.Timeout | null = null;

  async function connect(): Promise<void> {
    timer = null;
    const next = new pg.Client({
      connectionString: options.url,
      application_name: "jarvis360 bus",
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    const lose = (error: Error) => {
      if (client === next) client = null;
      else if (client !== null) return;
      onError(error);
      void next.end().catch(() => {});
      tryAgain();
    };
    let opened = false;
    next.on("error", (error) => (opened ? lose(error) : undefined));
    next.on("end", () => (opened && client === next ? lose(new Error("the connection ended")) : undefined));
    next.on("notification", ({ payload }) => read(payload ?? ""));
    try {
      await next.connect();
      await next.query(`SET ROLE jarvis_app; LISTEN ${channel}`);
    } catch (error) {
      lose(error as Error);
      return;
    }
    opened = true;
    if (closing) {
      await next.end().catch(() => {});
      return;
    }
    client = next;
    // the first time too: others may have spoken since whoever listens last looked
    retries = 0;
    hear?.onGap();
    flushSoon();
  }

  function tryAgain(): void {
    if (closing || timer) return;
    const most = Math.min(lastRetryMs, firstRetryMs * 2 ** retries++);
    timer = setTimeout(() => void connect(), most * (0.5 + Math.random() / 2));
    timer.unref();
  }

  function read(text: string): void {
    try {
      const { from, messages } = JSON.parse(text) as { from: string; messages: unknown[] };
      if (from === self) return;
      for (const message of messages) hear?.receive(message);
    } catch (error) {
      onError(error as Error);
    }
  }

  function flushSoon(): void {
    if (flushTimer || waiting.size === 0 || !client) return;
    flushTimer = setTimeout(flush, Math.max(0, sentAt + pauseMs - performance.now()));
    flushTimer.unref();
  }

  function flush(): void {
    flushTimer = null;
    const through = client;
    if (!through || waiting.size === 0) return;
    const messages = [...waiting];
    waiting.clear();
    sentAt = performance.now();
    sending = through
      .query("SELECT pg_notify($1, said) FROM unnest($2::text[]) AS said", [channel, pack(self, messages)])
      .then(
        () => {},
        (error: Error) => {
          for (const message of messages) waiting.add(message);
          onError(error);
        },
      );
  }

  return {
    open(receive, onGap) {
      hear = { receive, onGap };
      void connect();
    },
    send(message) {
      if (closing || waiting.size >= mostWaiting) return;
      // who moves where is in the bytes alone
      if (message.topic === "room" && message.payload.kind === "presence") return;
      waiting.add(print(message));
      flushSoon();
    },
    async close() {
      closing = true;
      if (timer) clearTimeout(timer);
      if (flushTimer) clearTimeout(flushTimer);
      flush();
      await sending;
      await client?.end().catch(() => {});
      client = null;
    },
  };
}

const print = ({ topic, payload }: BusMessage): string => JSON.stringify({ topic, payload });

/** As few notifications as hold all messages. */
function pack(from: string, messages: readonly string[]): string[] {
  const packed: string[] = [];
  let list: string[] = [];
  let bytes = 0;
  const wrap = () => {
    if (list.length > 0) packed.push(`{"from":"${from}","messages":[${list.join(",")}]}`);
    list = [];
    bytes = 100;
  };
  wrap();
  for (const message of messages) {
    const size = Buffer.byteLength(message) + 1;
    if (bytes + size > mostBytes) wrap();
    list.push(message);
    bytes += size;
  }
  wrap();
  return packed;
}
