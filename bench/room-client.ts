import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import type { Contestant, RoomWorld } from "./room-servers.ts";

/** How a server wants its frames: y-websocket's, or the same behind the document's name, after a token. */
export type Framing = "plain" | "named";

/** What an acknowledgement is: our count, one status per update, or the update coming back. */
export type Acknowledges = "count" | "status" | "echo";

export interface RoomClient {
  readonly doc: Y.Doc;
  readonly socket: WebSocket;
  /** Resolves with the time at which the first answer with content came, in ms. */
  readonly synced: Promise<number>;
  /** Writes a value that carries its time (ms) under a key of the document's widget. */
  write(key: string, at: number): void;
  /** Keys of this client's edits that were acknowledged. */
  readonly acked: Set<string>;
  close(): void;
}

const widthOfTime = 16;
const mark = Buffer.from("@T");
const stamp = (at: number): string => `@T${at.toFixed(3).padStart(widthOfTime, "0")}`;
/**
 * The times that a frame carries, one for each edit: a busy server sends several as one. A client that only looks at this costs next
 * to nothing.
 */
function readStamps(frame: Buffer): number[] {
  const stamps: number[] = [];
  for (let at = frame.indexOf(mark); at >= 0; at = frame.indexOf(mark, at + 2))
    stamps.push(Number(frame.toString("latin1", at + 2, at + 2 + widthOfTime)));
  return stamps;
}

function openRoomClient(options: {
  url: string;
  docId: string;
  headers: Record<string, string>;
  framing: Framing;
  acknowledges: Acknowledges;
  /** Without a document it only hears. */
  isCheap?: boolean;
  doc?: Y.Doc;
  onStamp?: (at: number) => void;
  onAck?: (sentAt: number) => void;
}): RoomClient {
  const { docId, framing, acknowledges, isCheap = false, onStamp, onAck } = options;
  const doc = options.doc ?? new Y.Doc();
  const socket = new WebSocket(framing === "plain" ? `${options.url}/${docId}` : options.url, {
    headers: options.headers,
    perMessageDeflate: false,
  });
  const acked = new Set<string>();
  /** Update-bearing frames that are not acknowledged: the key of an edit, or null. */
  const sent: { key: string | null; at: number }[] = [];
  let writing: { key: string; at: number } | null = null;
  let confirmed = 0;
  const synced = Promise.withResolvers<number>();
  socket.on("error", () => {});

  const frame = (...parts: (number | Uint8Array)[]): void => {
    const encoder = encoding.createEncoder();
    if (framing === "named") encoding.writeVarString(encoder, docId);
    for (const part of parts)
      if (typeof part === "number") encoding.writeVarUint(encoder, part);
      else encoding.writeVarUint8Array(encoder, part);
    if (socket.readyState === socket.OPEN) socket.send(encoding.toUint8Array(encoder));
  };
  const confirm = (upTo: number) => {
    for (; confirmed < upTo; confirmed++) {
      const one = sent[confirmed];
      if (one?.key) {
        acked.add(one.key);
        onAck?.(one.at);
      }
    }
  };
  if (!isCheap)
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === socket) return;
      sent.push({ key: writing?.key ?? null, at: writing?.at ?? 0 });
      frame(0, 2, update);
    });
  socket.on("open", () => {
    if (framing === "named") {
      const encoder = encoding.createEncoder();
      encoding.writeVarString(encoder, docId);
      encoding.writeVarUint(encoder, 2);
      encoding.writeVarUint(encoder, 0);
      encoding.writeVarString(encoder, "token");
      socket.send(encoding.toUint8Array(encoder));
    }
    frame(0, 0, Y.encodeStateVector(doc));
  });
  socket.on("message", (data: Buffer) => {
    for (const at of readStamps(data)) {
      onStamp?.(at);
      // the echo of an edit that only its own writer has sent
      if (acknowledges === "echo") {
        const mine = sent.findIndex((one, index) => index >= confirmed && one.at === at);
        if (mine >= 0) confirm(mine + 1);
      }
    }
    const decoder = decoding.createDecoder(data);
    if (framing === "named") decoding.readVarString(decoder);
    const type = decoding.readVarUint(decoder);
    if (type === 100) return confirm(decoding.readVarUint(decoder));
    if (type === 8) return decoding.readVarUint(decoder) === 1 ? confirm(confirmed + 1) : undefined;
    if (type !== 0 && type !== 4) return;
    const step = decoding.readVarUint(decoder);
    const body = decoding.readVarUint8Array(decoder);
    if (step === 0) {
      sent.push({ key: null, at: 0 });
      frame(0, 1, Y.encodeStateAsUpdate(doc, body));
      return;
    }
    if (!isCheap) Y.applyUpdate(doc, body, socket);
    // one answers before it has read its store, and sends what that says as an edit
    if (body.length > 2) synced.resolve(performance.now());
  });
  return {
    doc,
    socket,
    synced: synced.promise,
    acked,
    write(key, meant) {
      // as exact as its stamp: an echo is known by it
      const at = Number(meant.toFixed(3));
      writing = { key, at };
      doc.getMap<Y.Map<unknown>>("widgets").get("w1")?.set(key, stamp(at));
      writing = null;
    },
    close: () => socket.terminate(),
  };
}

export const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** A client of a contestant, with what it takes to be let in. */
export const open = (
  world: RoomWorld,
  { framing, acknowledges }: Contestant,
  url: string,
  docId: string,
  more: Pick<Parameters<typeof openRoomClient>[0], "isCheap" | "onStamp" | "onAck"> = {},
): RoomClient => openRoomClient({ url, docId, headers: world.headers, framing, acknowledges, ...more });
