import * as decoding from "lib0/decoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { decodeOwnFrame, serverFrame } from "#collab/protocol.ts";

/** A client over a socket, spoken by hand: knows exactly what it sent and what was acknowledged. */
export interface SocketClient {
  readonly doc: Y.Doc;
  readonly socket: WebSocket;
  /** `frames`: the updates of all frames that were sent and are counted, in order; the first `acked` of them are stored. */
  readonly state: { frames: Uint8Array[]; acked: number; synced: boolean; closed: number | null };
  close(): void;
}

/** @param doc what it has already, and edits from now on */
export function openSocketClient(
  address: string,
  headers: Record<string, string>,
  doc: Y.Doc = new Y.Doc(),
  onAck: (count: number) => void = () => {},
): SocketClient {
  const socket = new WebSocket(address, { headers });
  const state: SocketClient["state"] = { frames: [], acked: 0, synced: false, closed: null };
  const sendUpdate = (frame: (update: Uint8Array) => Uint8Array, update: Uint8Array) => {
    if (socket.readyState !== socket.OPEN) return;
    state.frames.push(update);
    socket.send(frame(update));
  };
  const onUpdate = (update: Uint8Array, origin: unknown) => {
    if (origin !== socket) sendUpdate(serverFrame.update, update);
  };
  doc.on("update", onUpdate);
  socket.on("open", () => socket.send(serverFrame.step1(Y.encodeStateVector(doc))));
  socket.on("error", () => {});
  socket.on("close", (code) => {
    state.closed = code;
    doc.off("update", onUpdate);
  });
  socket.on("message", (data: Buffer) => {
    const own = decodeOwnFrame(data);
    if (own?.kind === "ack") {
      state.acked = own.count;
      onAck(own.count);
    }
    if (own) return;
    const decoder = decoding.createDecoder(data);
    if (decoding.readVarUint(decoder) !== 0) return;
    const step = decoding.readVarUint(decoder);
    const body = decoding.readVarUint8Array(decoder);
    if (step === 0) sendUpdate(serverFrame.step2, Y.encodeStateAsUpdate(doc, body));
    else Y.applyUpdate(doc, body, socket);
    if (step === 1) state.synced = true;
  });
  return { doc, socket, state, close: () => socket.terminate() };
}
