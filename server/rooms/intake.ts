import { closeCodes } from "#collab/close-codes.ts";
import { serverFrame } from "#collab/protocol.ts";
import type { RoomLimits } from "./limits.ts";
import type { HeldUpdate, Member } from "./member.ts";
import type { Outbox } from "./outbox.ts";
import { Refused } from "./refused.ts";
import type { RoomDocument } from "./room-document.ts";

/** Questions for what is missing that one connection may leave without an answer that helps. */
const mostResyncs = 3;

/** Takes in the edits of connections: into the document and the outbox, or back with a reason. */
export interface Intake {
  /** @throws Refused */
  take(member: Member, step: "step2" | "update", update: Uint8Array): void;
}

export function createIntake(options: {
  limits: RoomLimits;
  outbox: Outbox;
  /** Null while it is being loaded. */
  document: () => RoomDocument | null;
  /** False: this organisation has written enough for now. */
  mayUpdate: () => boolean;
  /** Reads what other processes stored meanwhile. Never rejects. */
  catchUp: () => Promise<void>;
  onTaken: () => void;
  /** Somebody who may only read has written. */
  onForbidden: () => void;
  /** The document had a part of an update before it was found out. */
  onDamaged: () => void;
  /** Runs what may throw Refused, later than the frame that caused it. */
  guard: (member: Member, work: () => void) => void;
}): Intake {
  const { limits, outbox, document, mayUpdate, catchUp, onTaken, onForbidden, onDamaged, guard } = options;

  function takeFrom(member: Member, { data, step, place }: HeldUpdate): "done" | "gap" {
    const taken = document()?.take(data, member.user.id, step === "step2" ? "leave out" : "refuse");
    switch (taken?.kind) {
      case undefined:
      case "gap":
        return "gap";
      case "known":
        // perhaps only because an edit that says the same is on its way
        place.ticket = outbox.last;
        return "done";
      case "taken":
        place.ticket = outbox.add({ ...taken, userId: member.user.id }, member);
        onTaken();
        return "done";
      case "refused":
        if (taken.isDamaged) onDamaged();
        throw new Refused(taken.code, taken.words);
    }
  }

  /** Keeps it, and asks for everything that is missing. */
  function hold(member: Member, held: HeldUpdate): void {
    const bytes = member.held.reduce((sum, { data }) => sum + data.length, held.data.length);
    if (member.held.length >= limits.queuedFrames || bytes > limits.collabFrameBytes)
      throw new Refused(closeCodes.invalid, "Too many changes without what they build on.");
    member.held.push(held);
    if (held.step === "step2") member.resyncs += 1;
    if (member.resyncs > mostResyncs)
      throw new Refused(closeCodes.invalid, "What these changes build on never came.");
    if (member.held.length === 1 || held.step === "step2") void resync(member);
  }

  async function resync(member: Member): Promise<void> {
    // another process may have it already
    await catchUp();
    guard(member, () => {
      takeHeld(member);
      const current = document();
      if (current && member.held.length > 0) member.send(serverFrame.step1(current.stateVector()));
    });
  }

  function takeHeld(member: Member): void {
    for (let progress = true; progress; ) {
      progress = false;
      for (const held of [...member.held]) {
        if (takeFrom(member, held) === "gap") continue;
        member.held.splice(member.held.indexOf(held), 1);
        progress = true;
      }
    }
    if (member.held.length === 0) member.resyncs = 0;
  }

  return {
    take(member, step, update) {
      if (update.length > limits.collabUpdateBytes)
        throw new Refused(closeCodes.tooBig, "This update is too big.");
      if (!member.canWrite) {
        if (!document()?.saysNothing(update)) {
          onForbidden();
          throw new Refused(closeCodes.forbidden, "Your role does not allow changes.");
        }
        member.expectAck(outbox.last);
        return;
      }
      if (!mayUpdate()) throw new Refused(closeCodes.tooMuch, "Too many changes at once.");
      if (outbox.bytes > limits.unsavedBytes)
        throw new Refused(closeCodes.later, "Changes cannot be saved right now.");
      const held: HeldUpdate = { data: update, step, place: member.expectAck(null) };
      if (takeFrom(member, held) === "gap") hold(member, held);
      else if (member.held.length > 0) takeHeld(member);
    },
  };
}
