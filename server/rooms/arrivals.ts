import { closeCodes } from "#collab/close-codes.ts";
import { serverFrame } from "#collab/protocol.ts";
import type { RoomLimits } from "./limits.ts";
import type { Member } from "./member.ts";
import type { RoomDocument } from "./room-document.ts";

/** Why a document cannot be had. */
export const shut = {
  unknown: [closeCodes.unknown, "There is no such document."],
  epoch: [closeCodes.otherEpoch, "This document begins anew: load it again."],
} as const;

/** Those who have come while the document was being loaded, and what they said: both wait until it is there. */
export interface Arrivals {
  /** @param epoch what the client believes, null: whatever it is */
  add(member: Member, epoch: string | null): void;
  /** Not greeted yet. */
  has(member: Member): boolean;
  /** Frames wait until the member is greeted; too many of them end its connection. */
  keep(member: Member, bytes: Uint8Array): void;
  /** Says which history this is, and asks whoever may write for what is missing here. @returns the frames that waited */
  greet(member: Member, document: RoomDocument, epoch: string): Uint8Array[];
  leave(member: Member): void;
  clear(): void;
}

/** @param options.onGreeted the member is at the document now */
export function createArrivals(options: {
  limits: RoomLimits;
  onGreeted: (member: Member) => void;
}): Arrivals {
  const { limits, onGreeted } = options;
  const wanted = new Map<Member, string | null>();
  return {
    add: (member, epoch) => void wanted.set(member, epoch),
    has: (member) => wanted.has(member),
    keep(member, bytes) {
      member.queue.push(bytes);
      member.queuedBytes += bytes.length;
      if (member.queue.length > limits.queuedFrames || member.queuedBytes > limits.queuedBytes)
        member.close(closeCodes.tooMuch, "Too much before the document was there.");
    },
    greet(member, document, epoch) {
      const believed = wanted.get(member);
      if (believed !== undefined) {
        wanted.delete(member);
        member.send(serverFrame.epoch(epoch));
        if (believed !== null && believed !== epoch) {
          member.close(...shut.epoch);
          return [];
        }
        // who may only read is not asked for what we lack
        if (member.canWrite) member.send(serverFrame.step1(document.stateVector()));
        onGreeted(member);
      }
      member.queuedBytes = 0;
      return member.queue.splice(0);
    },
    leave: (member) => void wanted.delete(member),
    clear: () => wanted.clear(),
  };
}
