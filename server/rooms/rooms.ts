import { AsyncResource } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { closeCodes } from "#collab/close-codes.ts";
import { packUpdates, unpackUpdates } from "#collab/stored-updates.ts";
import type { Bus } from "#db/bus.ts";
import type { Logger } from "#root/log.ts";
import { type Bucket, createBucket } from "./bucket.ts";
import { createCommitter } from "./committer.ts";
import type { RoomLimits } from "./limits.ts";
import type { Member } from "./member.ts";
import { createRoom, type Room } from "./room.ts";
import type { RoomMetrics } from "./room-metrics.ts";
import type { RoomStorage } from "./storage.ts";

/** Messages between processes may be lost: the log is looked at this often. */
const pollMs = 5_000;

/** The documents that are open in this process. */
export interface Rooms {
  /** @param epoch what the client believes; null: whatever it is */
  join(orgId: string, docId: string, member: Member, epoch: string | null): Room;
  leave(room: Room, member: Member): void;
  /** Open documents, with somebody at them or not. */
  readonly size: number;
  /** Stores what waits, then shows everybody out, a few at a time. */
  close(graceMs: number): Promise<void>;
}

export function createRooms(options: {
  storage: RoomStorage;
  limits: RoomLimits;
  log: Logger;
  bus: Bus;
  nodeId?: string;
  metrics: RoomMetrics;
}): Rooms {
  const { storage, limits, log, bus, nodeId = randomUUID(), metrics } = options;
  const rooms = new Map<string, Room>();
  const idle = new Map<Room, NodeJS.Timeout>();
  const rates = new Map<string, Bucket>();
  const committer = createCommitter({
    storage,
    log,
    onCommit(seconds, updates) {
      metrics.commits.observe(seconds);
      metrics.updates.inc(updates);
    },
  });

  function rateOf(orgId: string): Bucket {
    const perSecond = limits.collabUpdatesPerSecond;
    const known = rates.get(orgId) ?? createBucket({ perSecond, burst: perSecond });
    rates.set(orgId, known);
    return known;
  }

  function open(orgId: string, docId: string): Room {
    const key = `${orgId} ${docId}`;
    const room = createRoom(orgId, docId, {
      ...{ storage, limits, log },
      mayUpdate: () => rateOf(orgId).take(),
      onDropped: (what) => metrics.dropped.inc({ what }),
      onWaiting: committer.wake,
      onStored: (_room, stored) =>
        bus.publish("room", { orgId, docId, nodeId, kind: "updates" }, packUpdates(stored)),
      onPresence: (_room, bytes) => bus.publish("room", { orgId, docId, nodeId, kind: "presence" }, bytes),
      onEnd: () => {
        if (rooms.get(key) === room) rooms.delete(key);
        clearTimeout(idle.get(room));
        idle.delete(room);
        if (![...rooms.values()].some((other) => other.orgId === orgId)) rates.delete(orgId);
      },
    });
    rooms.set(key, room);
    return room;
  }

  /** Not while anything waits to be stored: whoever comes back at once must find it. */
  function unloadLater(room: Room): void {
    clearTimeout(idle.get(room));
    const timer = setTimeout(() => {
      if (room.members.size > 0) return;
      if (!room.isIdle) return unloadLater(room);
      room.end(closeCodes.restarting, "Connect again.");
      if (!room.hasTail) return;
      storage.compactSoon(room.orgId, room.docId).catch((error: unknown) => {
        log.debug({ err: error }, "a document that nobody is at was not made smaller");
      });
    }, limits.idleMs);
    timer.unref();
    idle.set(room, timer);
  }

  async function poll(): Promise<void> {
    const byOrg = Map.groupBy(rooms.values(), (room) => room.orgId);
    for (const [orgId, open] of byOrg) {
      const heads = await storage.heads(
        orgId,
        open.map(({ docId }) => docId),
      );
      const known = new Map(heads.map((head) => [head.docId, head]));
      for (const room of open)
        room.sawHead(known.get(room.docId) ?? { epoch: "", headSeq: 0, isClosed: true });
    }
  }

  /** One document, at once. */
  async function look(room: Room): Promise<void> {
    const [head] = await storage.heads(room.orgId, [room.docId]);
    room.sawHead(head ?? { epoch: "", headSeq: 0, isClosed: true });
  }

  const quietly = (work: Promise<void>): void => {
    work.catch((error: unknown) => log.warn({ err: error }, "open documents could not be looked at"));
  };
  // whoever publishes may be inside a transaction of another organisation
  const hear = AsyncResource.bind(
    (key: string, kind: "updates" | "presence" | "closed", bytes: Uint8Array | null) => {
      const room = rooms.get(key);
      if (!room) return;
      if (kind === "presence") {
        if (bytes) room.sawPresence(bytes);
      } else if (kind === "updates" && bytes) room.sawUpdates(unpackUpdates(bytes));
      else quietly(look(room));
    },
  );
  const endings = [
    bus.subscribe("room", ({ orgId, docId, nodeId: from, kind }, bytes) => {
      if (from !== nodeId) hear(`${orgId} ${docId}`, kind, bytes);
    }),
    bus.onGap(AsyncResource.bind(() => quietly(poll()))),
  ];
  const timer = setInterval(() => quietly(poll()), pollMs);
  timer.unref();

  return {
    join(orgId, docId, member, epoch) {
      const room = rooms.get(`${orgId} ${docId}`) ?? open(orgId, docId);
      clearTimeout(idle.get(room));
      idle.delete(room);
      room.join(member, epoch);
      return room;
    },
    leave(room, member) {
      room.leave(member);
      if (room.members.size === 0 && rooms.get(`${room.orgId} ${room.docId}`) === room) unloadLater(room);
    },
    get size() {
      return rooms.size;
    },
    async close(graceMs) {
      clearInterval(timer);
      for (const end of endings) end();
      await committer.flush(graceMs / 2);
      await showOut(
        [...rooms.values()].flatMap((room) => [...room.members]),
        graceMs / 2,
      );
      for (const room of [...rooms.values()]) room.end(closeCodes.restarting, "Connect again.");
      await committer.flush(graceMs / 2);
      committer.close();
    },
  };
}

/** A few at a time, so that they do not all come back at once. */
async function showOut(members: Member[], graceMs: number): Promise<void> {
  const pause = Math.min(10, graceMs / Math.max(1, members.length));
  for (const [index, member] of members.entries()) {
    member.close(closeCodes.restarting, "The server restarts: connect again in a moment.");
    if (index % 10 === 9) await new Promise((done) => setTimeout(done, pause * 10));
  }
}
