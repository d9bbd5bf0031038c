import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

/**
 * Frames between a browser and a room: those of y-protocols as y-websocket speaks them, and our own from 100 up, from the server
 * alone; a client that ignores those still syncs.
 */
const types = { sync: 0, awareness: 1, queryAwareness: 3, ack: 100, reject: 101, epoch: 102 } as const;
const syncSteps = { step1: 0, step2: 1, update: 2 } as const;

/** What a client may say. */
export type ClientFrame =
  | { kind: "step1"; stateVector: Uint8Array }
  /** `step2` answers the server's question for all that it lacks. Both carry edits and are counted. */
  | { kind: "step2" | "update"; update: Uint8Array }
  | { kind: "awareness"; update: Uint8Array }
  | { kind: "queryAwareness" };

/** Bytes that are no frame. */
export class MalformedFrame extends Error {}

/** @throws MalformedFrame */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  try {
    const decoder = decoding.createDecoder(bytes);
    const frame = readFrame(decoder);
    if (frame && !decoding.hasContent(decoder)) return frame;
  } catch (cause) {
    throw new MalformedFrame("This is no frame.", { cause });
  }
  throw new MalformedFrame("This is no frame.");
}

function readFrame(decoder: decoding.Decoder): ClientFrame | null {
  switch (decoding.readVarUint(decoder)) {
    case types.sync: {
      const step = decoding.readVarUint(decoder);
      const body = decoding.readVarUint8Array(decoder);
      if (step === syncSteps.step1) return { kind: "step1", stateVector: body };
      if (step === syncSteps.step2) return { kind: "step2", update: body };
      return step === syncSteps.update ? { kind: "update", update: body } : null;
    }
    case types.awareness:
      return { kind: "awareness", update: decoding.readVarUint8Array(decoder) };
    case types.queryAwareness:
      return { kind: "queryAwareness" };
    default:
      return null;
  }
}

function frame(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
}

const syncFrame = (step: number, body: Uint8Array): Uint8Array =>
  frame((encoder) => {
    encoding.writeVarUint(encoder, types.sync);
    encoding.writeVarUint(encoder, step);
    encoding.writeVarUint8Array(encoder, body);
  });

/** What the server says. */
export const serverFrame = {
  /** "This is what I have: send what I lack." */
  step1: (stateVector: Uint8Array) => syncFrame(syncSteps.step1, stateVector),
  step2: (update: Uint8Array) => syncFrame(syncSteps.step2, update),
  update: (update: Uint8Array) => syncFrame(syncSteps.update, update),
  awareness: (update: Uint8Array) =>
    frame((encoder) => {
      encoding.writeVarUint(encoder, types.awareness);
      encoding.writeVarUint8Array(encoder, update);
    }),
  /** The first `count` update-bearing frames of this connection are durable. */
  ack: (count: number) =>
    frame((encoder) => {
      encoding.writeVarUint(encoder, types.ack);
      encoding.writeVarUint(encoder, count);
    }),
  /** Why the connection is about to be closed, in words for people. */
  reject: (code: number, words: string) =>
    frame((encoder) => {
      encoding.writeVarUint(encoder, types.reject);
      encoding.writeVarUint(encoder, code);
      encoding.writeVarString(encoder, words);
    }),
  /** The document's epoch, as text: it has 64 bits. The first frame of every connection. */
  epoch: (epoch: string) =>
    frame((encoder) => {
      encoding.writeVarUint(encoder, types.epoch);
      encoding.writeVarString(encoder, epoch);
    }),
};

/** Our own frames, as a client reads them; null for those of y-protocols. @throws Error when the bytes are none */
export function decodeOwnFrame(
  bytes: Uint8Array,
):
  | { kind: "ack"; count: number }
  | { kind: "reject"; code: number; words: string }
  | { kind: "epoch"; epoch: string }
  | null {
  const decoder = decoding.createDecoder(bytes);
  switch (decoding.readVarUint(decoder)) {
    case types.ack:
      return { kind: "ack", count: decoding.readVarUint(decoder) };
    case types.reject:
      return {
        kind: "reject",
        code: decoding.readVarUint(decoder),
        words: decoding.readVarString(decoder),
      };
    case types.epoch:
      return { kind: "epoch", epoch: decoding.readVarString(decoder) };
    default:
      return null;
  }
}

/** The numbers of our own frames, for a client that hangs handlers into y-websocket's `messageHandlers`. */
export const ownFrameTypes = { ack: types.ack, reject: types.reject, epoch: types.epoch } as const;
