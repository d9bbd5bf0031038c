import { type AwarenessEntry, encodeAwareness } from "#collab/awareness-frames.ts";
import { serverFrame } from "#collab/protocol.ts";
import { createAwarenessTable } from "./awareness-table.ts";
import type { Member } from "./member.ts";

/** Changes of who is there, and where, go out so often at most. */
const soonMs = 66;
/** Signs of life that say nothing new: clients believe in one another for 30 s. */
const lifeMs = 4_000;

/** Who is at a document, told to everybody else there. Nothing of it is stored. */
export interface Presence {
  take(member: Member, bytes: Uint8Array): "ok" | "echo" | "malformed";
  /** To somebody new, or who asks. */
  tell(member: Member): void;
  leave(member: Member): void;
  /** From another process. */
  merge(bytes: Uint8Array): void;
  close(): void;
}

/**
 * @param options.isSlow has much to read already: news of who is there can wait
 * @param options.onOwn hears what changed here, for other processes
 */
export function createPresence(options: {
  members: ReadonlySet<Member>;
  mayUse: (client: number, userId: string) => boolean;
  isSlow: (member: Member) => boolean;
  onOwn: (bytes: Uint8Array) => void;
}): Presence {
  const { members, mayUse, isSlow, onOwn } = options;
  const table = createAwarenessTable<Member>(mayUse);
  let timer: NodeJS.Timeout | null = null;
  let dueAt = 0;
  /** What another process told: it goes no further. */
  const merged = new Set<number>();

  function flushIn(ms: number): void {
    const at = performance.now() + ms;
    if (timer && dueAt <= at) return;
    if (timer) clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(flush, ms);
    timer.unref();
  }

  function flush(): void {
    timer = null;
    const changed = table.drain();
    if (changed.length === 0) return;
    const ids = new Set(changed.map(({ client }) => client));
    const frame = serverFrame.awareness(encodeAwareness(changed));
    for (const member of members) {
      const own = table.idOf(member);
      if (isSlow(member)) member.missedPresence = true;
      else if (member.missedPresence) tellAll(member);
      else if (own === null || !ids.has(own)) sendTo(member, frame);
      else if (changed.length > 1) sendTo(member, frameWithout(changed, own));
    }
    const own = changed.filter(({ client }) => !merged.has(client));
    merged.clear();
    if (own.length > 0) onOwn(encodeAwareness(own));
  }

  function sendTo(member: Member, frame: Uint8Array): void {
    member.echoes = Math.min(member.echoes + 1, 100);
    member.send(frame);
  }

  function tellAll(member: Member): void {
    member.missedPresence = false;
    const others = table.all();
    const frame = frameWithout(others, table.idOf(member));
    if (others.length > 0) sendTo(member, frame);
  }

  return {
    take(member, bytes) {
      const result = table.take(member, member.user, bytes);
      if (result === "changed") flushIn(soonMs);
      if (result === "alive") flushIn(lifeMs);
      if (result === "malformed") return "malformed";
      return result === "nothing" ? "echo" : "ok";
    },
    tell: tellAll,
    leave(member) {
      if (table.leave(member)) flushIn(soonMs);
    },
    merge(bytes) {
      const news = table.merge(bytes);
      for (const client of news) merged.add(client);
      if (news.length > 0) flushIn(soonMs);
    },
    close() {
      if (timer) clearTimeout(timer);
    },
  };
}

const frameWithout = (entries: readonly AwarenessEntry[], own: number | null): Uint8Array =>
  serverFrame.awareness(encodeAwareness(entries.filter(({ client }) => client !== own)));
