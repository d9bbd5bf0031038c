import type { Member } from "./member.ts";
import type { Batch, NewUpdate } from "./storage.ts";

/** An edit on its way to the database; tickets count up, and everything that waits for it knows its number. */
export interface Entry {
  ticket: number;
  update: NewUpdate;
  /** Null: the server's own. */
  member: Member | null;
}

const batchBytes = 1024 ** 2;
const batchUpdates = 2_000;

/** What a room has taken and the database has not got yet, in order. */
export interface Outbox {
  add(update: NewUpdate, member: Member | null): number;
  /** The ticket of the last edit that was added. */
  readonly last: number;
  /** Everything up to this ticket is durable. */
  readonly settled: number;
  readonly bytes: number;
  readonly isEmpty: boolean;
  readonly isSending: boolean;
  /** What goes to the database next; null while some is on its way, or nothing waits. */
  send(): Batch["updates"] | null;
  /** What was sent has been stored. */
  stored(): Entry[];
  /** What was sent was not stored, and waits again, but for those that `drop` names. @returns those */
  giveBack(drop: (entry: Entry) => boolean): Entry[];
  /** Takes out all that waits, to be added again. */
  empty(): Entry[];
  /** Adds one again, under its old number. */
  restore(entry: Entry): void;
}

export function createOutbox(): Outbox {
  let waiting: Entry[] = [];
  let sent: Entry[] = [];
  let last = 0;
  let bytes = 0;
  return {
    add(update, member) {
      last += 1;
      bytes += update.data.length;
      waiting.push({ ticket: last, update, member });
      return last;
    },
    get last() {
      return last;
    },
    get settled() {
      const first = sent[0] ?? waiting[0];
      return first ? first.ticket - 1 : last;
    },
    get bytes() {
      return bytes;
    },
    get isEmpty() {
      return sent.length === 0 && waiting.length === 0;
    },
    get isSending() {
      return sent.length > 0;
    },
    send() {
      if (sent.length > 0 || waiting.length === 0) return null;
      let size = 0;
      let count = 0;
      for (const { update } of waiting) {
        size += update.data.length;
        if (count > 0 && (size > batchBytes || count >= batchUpdates)) break;
        count += 1;
      }
      sent = waiting.splice(0, count);
      return sent.map(({ update }) => update);
    },
    stored() {
      const done = sent;
      sent = [];
      bytes -= done.reduce((sum, { update }) => sum + update.data.length, 0);
      return done;
    },
    giveBack(drop) {
      const all = [...sent, ...waiting];
      const dropped = all.filter(drop);
      sent = [];
      waiting = all.filter((entry) => !dropped.includes(entry));
      bytes -= dropped.reduce((sum, { update }) => sum + update.data.length, 0);
      return dropped;
    },
    empty() {
      const all = waiting;
      waiting = [];
      bytes -= all.reduce((sum, { update }) => sum + update.data.length, 0);
      return all;
    },
    restore(entry) {
      bytes += entry.update.data.length;
      waiting.push(entry);
    },
  };
}
