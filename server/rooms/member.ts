import { type CloseCode, closeCodes } from "#collab/close-codes.ts";
import { serverFrame } from "#collab/protocol.ts";
import type { ShownUser } from "./awareness-table.ts";
import { type Bucket, createBucket } from "./bucket.ts";
import type { RoomLimits } from "./limits.ts";

/** The other end of a connection, as far as a room knows it: no socket. */
export interface RoomPeer {
  /** Bytes that it has been sent and has not read. */
  readonly bufferedAmount: number;
  send(frame: Uint8Array): void;
  /** After this nothing is sent any more. */
  close(code: CloseCode, words: string): void;
}

/** An update that builds on something that has not come yet. */
export interface HeldUpdate {
  data: Uint8Array;
  step: "step2" | "update";
  /** Its place among those that wait to be acknowledged. */
  place: AckPlace;
}
/** Becomes durable with everything up to this ticket of its room; null: nobody knows yet when. */
interface AckPlace {
  ticket: number | null;
}

/** One connection at a document. */
export interface Member {
  readonly user: ShownUser;
  readonly canWrite: boolean;
  readonly frames: Bucket;
  readonly isClosed: boolean;
  /** It has a lot to read already. */
  readonly isSlow: boolean;
  /** Frames that came while the document was being loaded. */
  queue: Uint8Array[];
  queuedBytes: number;
  held: HeldUpdate[];
  /** Questions for what is missing that did not bring it. */
  resyncs: number;
  /** Awareness frames that it was sent and may repeat, as y-websocket does. */
  echoes: number;
  /** What it said of others that is not so. */
  lies: number;
  /** It was too slow for news of who is there: it is told again from the start. */
  missedPresence: boolean;
  /** When it was sent something last, in milliseconds. */
  sentAt: number;
  send(frame: Uint8Array): void;
  /** Says why, then closes. Does nothing the second time. */
  close(code: CloseCode, words: string): void;
  /** Counts an update-bearing frame. */
  expectAck(ticket: number | null): AckPlace;
  /** Everything up to this ticket is durable: tells what that means for the frames of this connection. */
  acknowledge(ticket: number): void;
  readonly waitsForAck: boolean;
}

/** @param onClose runs once, when this side ends the connection */
export function createMember(options: {
  peer: RoomPeer;
  user: ShownUser;
  canWrite: boolean;
  limits: RoomLimits;
  onClose: (code: CloseCode) => void;
}): Member {
  const { peer, user, canWrite, limits, onClose } = options;
  const places: AckPlace[] = [];
  let acknowledged = 0;
  let isClosed = false;
  const member: Member = {
    user,
    canWrite,
    frames: createBucket({ perSecond: limits.collabFramesPerSecond, burst: limits.collabFramesBurst }),
    ...{ queue: [], queuedBytes: 0, held: [], resyncs: 0, echoes: 0, lies: 0, missedPresence: false },
    sentAt: performance.now(),
    get isClosed() {
      return isClosed;
    },
    get isSlow() {
      return peer.bufferedAmount > limits.collabBufferedBytes / 4;
    },
    get waitsForAck() {
      return places.length > 0;
    },
    send(frame) {
      if (isClosed) return;
      peer.send(frame);
      member.sentAt = performance.now();
      // what it does not read would fill our memory; connected again, it gets what it lacks
      if (peer.bufferedAmount > limits.collabBufferedBytes) {
        isClosed = true;
        peer.close(closeCodes.later, "reads too slowly");
        onClose(closeCodes.later);
      }
    },
    close(code, words) {
      if (isClosed) return;
      peer.send(serverFrame.reject(code, words));
      isClosed = true;
      peer.close(code, words);
      onClose(code);
    },
    expectAck(ticket) {
      const place = { ticket };
      places.push(place);
      return place;
    },
    acknowledge(ticket) {
      const before = acknowledged;
      for (let next = places[0]; next?.ticket != null && next.ticket <= ticket; next = places[0]) {
        places.shift();
        acknowledged += 1;
      }
      if (acknowledged > before) member.send(serverFrame.ack(acknowledged));
    },
  };
  return member;
}
