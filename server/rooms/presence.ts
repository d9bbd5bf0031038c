import { type AwarenessEntry, encodeAwareness } from "#collab/awareness-frames.ts";
import { closeCodes } from "#collab/close-codes.ts";
import { serverFrame } from "#collab/protocol.ts";
import { createAwarenessTable } from "./awareness-table.ts";
import type { Member } from "./member.ts";
import { Refused } from "./refused.ts";

/** Changes of who is there, and where, go out so often at most. */
const soonMs = 66;
/** Signs of life that say nothing new: clients believe in one another for 30 s. */
const lifeMs = 4_000;

/** Those who may only read say nothing themselves: it is said for them this often. */
const seatMs = 12_000;

/** So often may somebody who only reads speak for others before they are shown out. */
const mostLies = 10;

/** Who is at a document, told to everybody else there. Nothing of it is stored. */
export interface Presence {
  /** Somebody new: hears who is there, and is seen at once when they may only read. */
  join(member: Member): void;
  /** What somebody says of themselves. @throws Refused */
  take(member: Member, bytes: Uint8Array): void;
  /**
   * What somebody says who may only read: the server speaks for them. Their client says who it is all the same, and repeats what it
   * hears; to speak for others counts against them. @throws Refused
   */
  passOver(member: Member, bytes: Uint8Array): void;
  /** To somebody who asks. */
  tell(member: Member): void;
  leave(member: Member): void;
  /** From another process. */
  merge(bytes: Uint8Array): void;
  close(): void;
}

/**
 * @param options.isSlow has much to read already: news of who is there can wait
 * @param options.onOwn hears what changed here, for other processes
 * @param options.onLie hears of a frame by which somebody who may only read spoke for others
 */
export function createPresence(options: {
  members: ReadonlySet<Member>;
  mayUse: (client: number, userId: string) => boolean;
  isSlow: (member: Member) => boolean;
  onOwn: (bytes: Uint8Array) => void;
  onLie: () => void;
}): Presence {
  const { members, mayUse, isSlow, onOwn, onLie } = options;
  const table = createAwarenessTable<Member>(mayUse);
  let timer: NodeJS.Timeout | null = null;
  let dueAt = 0;
  let seatTimer: NodeJS.Timeout | null = null;
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

  function renewSeats(): void {
    seatTimer = null;
    if (!table.renewSeats()) return;
    flushIn(soonMs);
    seatTimer = setTimeout(renewSeats, seatMs);
    seatTimer.unref();
  }

  function sendTo(member: Member, frame: Uint8Array): void {
    member.echoes = Math.min(member.echoes + 1, 100);
    member.send(frame);
  }

  /** y-websocket says again what it hears of others: that does not count against it. */
  function forgiveEcho(member: Member): void {
    if (member.echoes === 0) return;
    member.echoes -= 1;
    member.frames.refund();
  }

  function tellAll(member: Member): void {
    member.missedPresence = false;
    const others = table.all();
    const frame = frameWithout(others, table.idOf(member));
    if (others.length > 0) sendTo(member, frame);
  }

  return {
    join(member) {
      tellAll(member);
      if (member.canWrite) return;
      table.seat(member, member.user);
      flushIn(soonMs);
      seatTimer ??= setTimeout(renewSeats, seatMs).unref();
    },
    take(member, bytes) {
      const result = table.take(member, member.user, bytes);
      if (result === "malformed") throw new Refused(closeCodes.invalid, "This is no state.");
      if (result === "changed") flushIn(soonMs);
      if (result === "alive") flushIn(lifeMs);
      if (result === "nothing") forgiveEcho(member);
    },
    passOver(member, bytes) {
      const verdict = table.judge(member.user, bytes);
      if (verdict === "malformed") throw new Refused(closeCodes.invalid, "This is no state.");
      if (verdict === "harmless") return forgiveEcho(member);
      onLie();
      member.lies += 1;
      if (member.lies >= mostLies) throw new Refused(closeCodes.forbidden, "Your role does not allow this.");
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
      if (seatTimer) clearTimeout(seatTimer);
    },
  };
}

const frameWithout = (entries: readonly AwarenessEntry[], own: number | null): Uint8Array =>
  serverFrame.awareness(encodeAwareness(entries.filter(({ client }) => client !== own)));
