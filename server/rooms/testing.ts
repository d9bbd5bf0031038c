import { randomUUID } from "node:crypto";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import pino from "pino";
import { Registry } from "prom-client";
import * as Y from "yjs";
import { type AwarenessEntry, decodeAwareness, encodeAwareness } from "#collab/awareness-frames.ts";
import { decodeOwnFrame, serverFrame } from "#collab/protocol.ts";
import { type Bus, createBus } from "#db/bus.ts";
import { newId } from "#db/ids.ts";
import { parseEnv } from "#root/env.ts";
import { type RoomLimits, roomLimits } from "./limits.ts";
import { createMember, type Member } from "./member.ts";
import { createMemoryStorage, type MemoryStorage } from "./memory-storage.ts";
import type { Room } from "./room.ts";
import { createRoomMetrics } from "./room-metrics.ts";
import { createRooms, type Rooms } from "./rooms.ts";

/** A client of a room without a socket: speaks as y-websocket does, and notes what it hears. */
export interface TestClient {
  doc: Y.Doc;
  member: Member;
  room: Room;
  userId: string;
  acked: number;
  sent: number;
  synced: boolean;
  epoch: string | null;
  closed: { code: number; words: string } | null;
  present: Map<number, AwarenessEntry>;
  /** Sends raw bytes. */
  say(bytes: Uint8Array): void;
  /** An update frame, counted. */
  sayUpdate(update: Uint8Array, step?: "step2" | "update"): void;
  sayAwareness(entries: AwarenessEntry[]): void;
  leave(): void;
}

export interface TestRooms {
  rooms: Rooms;
  storage: MemoryStorage;
  docId: string;
  /** What /metrics would say. */
  metric(name: string): Promise<{ labels: object; value: number }[]>;
  connect(options?: {
    doc?: Y.Doc;
    userId?: string;
    name?: string;
    canWrite?: boolean;
    epoch?: string | null;
    /** Keeps edits to itself until it is told to send. */
    silent?: boolean;
    buffered?: () => number;
    room?: string;
  }): TestClient;
}

const testOrg = newId();

export const frameOf = (type: number, ...parts: (number | Uint8Array)[]): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  for (const part of parts)
    if (typeof part === "number") encoding.writeVarUint(encoder, part);
    else encoding.writeVarUint8Array(encoder, part);
  return encoding.toUint8Array(encoder);
};

export function seedDocument(): { state: Uint8Array; client: number } {
  const doc = new Y.Doc();
  doc.getMap("meta").set("title", "Numbers");
  doc.getMap("widgets").set("w1", new Y.Map(Object.entries({ type: "kpi", title: "MRR" })));
  return { state: Y.encodeStateAsUpdate(doc), client: doc.clientID };
}

export function testRooms(
  limits: Partial<RoomLimits> = {},
  storage = createMemoryStorage(),
  bus: Bus = createBus(),
  docId: string = newId(),
): TestRooms {
  const seed = seedDocument();
  if (!storage.docs.has(docId)) storage.create(docId, seed.state, [seed.client]);
  const all = { ...roomLimits(parseEnv({ NODE_ENV: "test" }).LIMITS), ...limits };
  const log = pino({ level: "silent" });
  const registry = new Registry();
  const rooms = createRooms({
    ...{ storage, limits: all, log, bus },
    metrics: createRoomMetrics(registry),
  });
  return {
    rooms,
    storage,
    docId,
    metric: async (name) =>
      ((await registry.getSingleMetric(name)?.get())?.values ?? []).map(({ labels, value }) => ({
        labels,
        value,
      })),
    connect({ canWrite = true, epoch = null, silent = false, ...given } = {}) {
      const doc = given.doc ?? new Y.Doc();
      const userId = given.userId ?? randomUUID();
      const member = createMember({
        peer: {
          get bufferedAmount() {
            return given.buffered?.() ?? 0;
          },
          send: (bytes) => hear(client, bytes, silent),
          close(code, words) {
            client.closed = { code, words };
          },
        },
        user: { id: userId, name: given.name ?? "Somebody" },
        ...{ canWrite, limits: all },
        onClose: () => rooms.leave(client.room, member),
      });
      const client = {
        ...{ doc, member, userId, acked: 0, sent: 0, synced: false, epoch: null, closed: null },
        present: new Map(),
        say: (bytes: Uint8Array) => {
          if (!member.isClosed) client.room.receive(member, bytes);
        },
        sayUpdate(update: Uint8Array, step: "step2" | "update" = "update") {
          client.sent += 1;
          client.say(step === "update" ? serverFrame.update(update) : serverFrame.step2(update));
        },
        sayAwareness: (entries: AwarenessEntry[]) => client.say(frameOf(1, encodeAwareness(entries))),
        leave: () => rooms.leave(client.room, member),
      } as TestClient;
      client.room = rooms.join(testOrg, given.room ?? docId, member, epoch);
      doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin !== "server" && !silent) client.sayUpdate(update);
      });
      client.say(serverFrame.step1(Y.encodeStateVector(doc)));
      return client;
    },
  };
}

function hear(client: TestClient, bytes: Uint8Array, silent: boolean): void {
  const own = decodeOwnFrame(bytes);
  if (own?.kind === "ack") client.acked = own.count;
  if (own?.kind === "epoch") client.epoch = own.epoch;
  if (own) return;
  const decoder = decoding.createDecoder(bytes);
  const type = decoding.readVarUint(decoder);
  if (type === 1) {
    for (const entry of decodeAwareness(decoding.readVarUint8Array(decoder)))
      if (entry.state) client.present.set(entry.client, entry);
      else client.present.delete(entry.client);
    return;
  }
  const step = decoding.readVarUint(decoder);
  const body = decoding.readVarUint8Array(decoder);
  if (step === 0) {
    // as over a wire: an answer comes later
    if (!silent) setImmediate(() => client.sayUpdate(Y.encodeStateAsUpdate(client.doc, body), "step2"));
    return;
  }
  Y.applyUpdate(client.doc, body, "server");
  if (step === 1) client.synced = true;
}
