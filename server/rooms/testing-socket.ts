import * as decoding from "lib0/decoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { decodeOwnFrame, serverFrame } from "#collab/protocol.ts";

/** A client over a socket, spoken by hand: knows exactly what it sent and what was acknowledged. */
export interface SocketClient {
  readonly doc: Y.Doc;
  readonly socket: WebSocket;
  readonly state: { sent: number; acked: number; synced: boolean; closed: number | null };
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
  const state: SocketClient["state"] = { sent: 0, acked: 0, synced: false, closed: null };
  const send = (frame: Uint8Array, counts: boolean) => {
    if (socket.readyState !== socket.OPEN) return;
    if (counts) state.sent += 1;
    socket.send(frame);
  };
  const onUpdate = (update: Uint8Array, origin: unknown) => {
    if (origin !== socket) send(serverFrame.update(update), true);
  };
  doc.on("update", onUpdate);
  socket.on("open", () => send(serverFrame.step1(Y.encodeStateVector(doc)), false));
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
    if (step === 0) send(serverFrame.step2(Y.encodeStateAsUpdate(doc, body)), true);
    else Y.applyUpdate(doc, body, socket);
    if (step === 1) state.synced = true;
  });
  return { doc, socket, state, close: () => socket.terminate() };
}
