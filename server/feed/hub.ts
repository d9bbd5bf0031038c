import type { FeedMessage } from "#contracts/feed.ts";
import type { Database } from "#db/database.ts";
import { findLastEvent, type LoggedEvent, listEventsAfter } from "#db/queries/events.ts";
import type { Logger } from "#root/log.ts";

/** A message with the number that a reader who comes back gives as the last that they saw. */
export interface FeedPart {
  upTo: number;
  message: FeedMessage;
}

/** The event logs of organisations, read once per process however many pages listen. */
export interface FeedHub {
  /**
   * What happens in an organisation from event `after` on (null: from now on), until `signal` aborts. The first part comes at
   * once and says from where on; more than can be told is one part, `reset`.
   * @throws AppError UNAVAILABLE when the database is away
   */
  listen(orgId: string, after: number | null, signal: AbortSignal): AsyncGenerator<FeedPart, void>;
  close(): void;
}

/** An organisation that somebody listens to. */
interface Log {
  /** Read up to here; null: not yet. */
  upTo: number | null;
  /** The latest events, all of those after `from`. */
  recent: LoggedEvent[];
  from: number;
  listeners: Set<() => void>;
  reading: Promise<void> | null;
  again: boolean;
}

/** For doorbells that were lost. */
const lookMs = 20_000;
const mostAtOnce = 200;
const mostKept = 500;
const fewPages = 20;
const mostSpreadMs = 5_000;

export function createFeedHub({ db, log }: { db: Database; log: Logger }): FeedHub {
  const logs = new Map<string, Log>();
  const inOrg = <T>(orgId: string, fn: (tx: Parameters<typeof findLastEvent>[0]) => Promise<T>): Promise<T> =>
    db.withOrg(orgId, fn, { readOnly: true });

  async function readOn(orgId: string, one: Log): Promise<void> {
    const { upTo } = one;
    const found = upTo === null ? null : await inOrg(orgId, (tx) => listEventsAfter(tx, upTo, mostAtOnce));
    if (found) {
      one.upTo = found.upTo;
      one.recent.push(...found.events);
      const tooMany = one.recent.length - mostKept;
      if (tooMany > 0) one.from = one.recent.splice(0, tooMany).at(-1)?.seq ?? one.from;
    } else {
      // the first look, or more than can be told: who lacks something looks for it alone, or at everything
      one.upTo = await inOrg(orgId, findLastEvent);
      one.recent = [];
      one.from = one.upTo;
    }
    if (one.upTo !== upTo) for (const wake of [...one.listeners]) wake();
  }

  /** One reader at a time; whoever asks while it reads is answered by the next round. */
  function read(orgId: string, one: Log): Promise<void> {
    if (one.reading) {
      one.again = true;
      return one.reading;
    }
    const rounds = async () => {
      do {
        one.again = false;
        await readOn(orgId, one);
      } while (one.again);
    };
    one.reading = rounds().finally(() => {
      one.reading = null;
    });
    return one.reading;
  }

  function look(orgId: string): void {
    const one = logs.get(orgId);
    if (one) read(orgId, one).catch((error: unknown) => log.warn({ err: error }, "events could not be read"));
  }

  const lookAtAll = () => {
    for (const orgId of logs.keys()) look(orgId);
  };
  const endings = [db.bus.subscribe("feed", ({ orgId }) => look(orgId)), db.bus.onGap(lookAtAll)];
  const timer = setInterval(lookAtAll, lookMs);
  timer.unref();

  /** What follows `cursor`; null: nothing yet. */
  async function partAfter(orgId: string, one: Log, cursor: number): Promise<FeedPart | null> {
    const upTo = one.upTo ?? 0;
    if (cursor === upTo) return null;
    const spread = spreadOf(one.listeners.size);
    if (cursor >= one.from && cursor < upTo) return tell(upTo, eventsAfter(one, cursor), spread);
    const found = await inOrg(orgId, (tx) => listEventsAfter(tx, cursor, mostAtOnce));
    if (!found) return { upTo, message: { type: "reset", ...spread } };
    // this reader is ahead of the log, which was asked before
    return found.upTo === cursor ? null : tell(found.upTo, found.events, spread);
  }

  return {
    async *listen(orgId, after, signal) {
      const one = logs.get(orgId) ?? newLog();
      logs.set(orgId, one);
      const bell = createBell(signal);
      one.listeners.add(bell.ring);
      try {
        // attached first, then read: nothing falls between
        await read(orgId, one);
        const start = after ?? one.upTo ?? 0;
        const first = (await partAfter(orgId, one, start)) ?? tell(start, []);
        let cursor = first.upTo;
        yield first;
        while (!signal.aborted) {
          const part = await partAfter(orgId, one, cursor);
          if (part) {
            cursor = part.upTo;
            yield part;
          } else await bell.rung();
        }
      } finally {
        bell.end();
        one.listeners.delete(bell.ring);
        if (one.listeners.size === 0 && logs.get(orgId) === one) logs.delete(orgId);
      }
    },
    close() {
      clearInterval(timer);
      for (const end of endings) end();
    },
  };
}

const newLog = (): Log => ({
  upTo: null,
  recent: [],
  from: 0,
  listeners: new Set(),
  reading: null,
  again: false,
});

const eventsAfter = (one: Log, cursor: number): LoggedEvent[] => one.recent.filter(({ seq }) => seq > cursor);

const tell = (
  upTo: number,
  events: readonly LoggedEvent[],
  spread: Pick<FeedMessage, "spread"> = {},
): FeedPart => ({
  upTo,
  message: { type: "events", events: events.map(({ topic, keys }) => ({ topic, keys })), ...spread },
});

/** Few pages look at once; of many each would wait for all others, and the rest of the organisation for them. */
const spreadOf = (pages: number): Pick<FeedMessage, "spread"> =>
  pages > fewPages ? { spread: Math.min(mostSpreadMs, (pages - fewPages) * 10) } : {};

/** Waits for the next ring, or for the end; a ring while nobody waits is not lost. */
function createBell(signal: AbortSignal) {
  let wake: (() => void) | null = null;
  let isRung = false;
  const ring = () => {
    isRung = true;
    wake?.();
  };
  signal.addEventListener("abort", ring);
  return {
    ring,
    async rung(): Promise<void> {
      if (!isRung && !signal.aborted)
        await new Promise<void>((done) => {
          wake = done;
        });
      wake = null;
      isRung = false;
    },
    end: () => signal.removeEventListener("abort", ring),
  };
}
