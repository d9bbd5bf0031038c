import { serverFrame } from "#collab/protocol.ts";
import type { Member } from "./member.ts";
import type { Outbox } from "./outbox.ts";
import type { RoomDocument } from "./room-document.ts";

/** An answer that shows edits which are not stored yet. */
interface Answer {
  ticket: number;
  member: Member;
  stateVector: Uint8Array;
  frame: Uint8Array;
}

/** Answers to "what do I lack?": made at once, sent when everything in them is stored. */
export interface Answers {
  /** @throws Error when the state vector is none */
  give(member: Member, stateVector: Uint8Array): void;
  /** Sends those that show nothing after this ticket. */
  deliver(settled: number): void;
  /** The document was made afresh: all that wait are made again. `guard` runs what may refuse a member. */
  renew(guard: (member: Member, work: () => void) => void): void;
  forget(member: Member): void;
  clear(): void;
}

export function createAnswers(options: {
  outbox: Outbox;
  /** Null while it is being loaded. */
  document: () => RoomDocument | null;
}): Answers {
  const { outbox, document } = options;
  let waiting: Answer[] = [];

  function give(member: Member, stateVector: Uint8Array): void {
    const diff = document()?.diff(stateVector);
    if (diff) waiting.push({ ticket: outbox.last, member, stateVector, frame: serverFrame.step2(diff) });
  }

  return {
    give,
    deliver(settled) {
      while (waiting[0] && waiting[0].ticket <= settled) {
        const next = waiting.shift();
        next?.member.send(next.frame);
      }
    },
    renew(guard) {
      for (const { member, stateVector } of waiting.splice(0)) guard(member, () => give(member, stateVector));
    },
    forget(member) {
      waiting = waiting.filter((one) => one.member !== member);
    },
    clear() {
      waiting = [];
    },
  };
}
