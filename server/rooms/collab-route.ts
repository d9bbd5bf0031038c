import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { encodeAwareness } from "#collab/awareness-frames.ts";
import { closeCodes } from "#collab/close-codes.ts";
import { schemaVersion } from "#collab/dashboard-doc.ts";
import { serverFrame } from "#collab/protocol.ts";
import { can } from "#contracts/permissions.ts";
import type { Database } from "#db/database.ts";
import { findMembership } from "#db/queries/members.ts";
import type { Logger } from "#root/log.ts";
import type { RightsWatch } from "../auth/watch-rights.ts";
import { createPlaces } from "../http/places.ts";
import type { Upgrade, UpgradeRoute } from "../http/upgrade.ts";
import type { Principal } from "../trpc.ts";
import type { RoomLimits } from "./limits.ts";
import { createMember, type Member } from "./member.ts";
import { createMessageWriter } from "./message-writer.ts";
import type { Room } from "./room.ts";
import type { RoomMetrics } from "./room-metrics.ts";
import type { Rooms } from "./rooms.ts";

const path = /^\/collab\/([^/]{1,200})$/;
const docIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const firstMessageMs = 10_000;
const sweepMs = 5_000;
/** y-websocket gives a connection up after 30 s without a frame; pings do not count for it. */
const quietMs = 10_000;
const pingEverySweeps = 5;
/** What a connection that is being closed may take to say goodbye. */
const goodbyeMs = 2_000;

interface Served {
  socket: WebSocket;
  member: Member;
  pingsMissed: number;
}

/** `/collab/:docId`: shared documents, for whoever is signed in. */
export function createCollabRoute(options: {
  db: Database;
  log: Logger;
  limits: RoomLimits;
  metrics: RoomMetrics;
  rights: RightsWatch;
  rooms: Rooms;
}): UpgradeRoute {
  const { db, log, limits, metrics, rights, rooms } = options;
  const wss = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.collabFrameBytes,
    maxFragments: 64,
    // the library would cut the connection of whoever sends many at once, without a word
    autoPong: false,
  });
  const places = createPlaces();
  const served = new Set<Served>();
  const message = createMessageWriter();
  const silence = serverFrame.awareness(encodeAwareness([]));
  let sweeps = 0;
  const timer = setInterval(sweep, sweepMs);
  timer.unref();

  /** One timer for all: signs of life, and who is gone. */
  function sweep(): void {
    sweeps += 1;
    const now = performance.now();
    for (const one of served) {
      if (now - one.member.sentAt > quietMs) one.member.send(silence);
      if (sweeps % pingEverySweeps !== 0) continue;
      if (one.pingsMissed >= 2) one.socket.terminate();
      one.pingsMissed += 1;
      one.socket.ping();
    }
  }

  function serve(
    socket: WebSocket,
    { principal, url, docId, wire }: Pick<Upgrade, "principal" | "url"> & { docId: string; wire: Duplex },
  ): void {
    const { org, userId } = principal;
    if (!org) {
      socket.terminate();
      return;
    }
    let goodbye: NodeJS.Timeout | undefined;
    const member = createMember({
      limits,
      user: { id: userId, name: principal.name || (principal.email.split("@")[0] ?? "") },
      canWrite: can(org.role, "dashboard.edit"),
      peer: {
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        // past the library: a frame for many is put together once, and is one write for each of them
        send: (frame) => socket.readyState === socket.OPEN && wire.write(message(frame)),
        close(code, words) {
          socket.close(code, words.slice(0, 100));
          // it may never read that far
          goodbye = setTimeout(() => socket.terminate(), goodbyeMs);
        },
      },
      onClose(code) {
        metrics.closed.inc({ code: String(code) });
        leave();
      },
    });
    const one: Served = { socket, member, pingsMissed: 0 };
    const silent = setTimeout(() => member.close(closeCodes.silent, "Nothing was said."), firstMessageMs);
    const endWatch = rights.watch(principal, (now) => void rightsChanged(db, log, principal, member, now));
    let room: Room | null = null;
    let hasLeft = false;
    function leave(): void {
      if (hasLeft) return;
      hasLeft = true;
      clearTimeout(silent);
      endWatch();
      served.delete(one);
      metrics.connections.dec();
      if (room) rooms.leave(room, member);
    }
    // heard from the first moment on: what comes while the document is loaded waits in the room
    socket.on("message", (data: RawData, isBinary: boolean) => {
      clearTimeout(silent);
      if (member.isClosed) return;
      if (!member.frames.take()) member.close(closeCodes.tooMuch, "Too many frames at once.");
      else if (!isBinary) member.close(closeCodes.invalid, "This is no frame.");
      else if (room) room.receive(member, bytesOf(data));
    });
    socket.on("ping", (data: Buffer) => {
      if (member.frames.take()) socket.pong(data);
      else member.close(closeCodes.tooMuch, "Too many pings at once.");
    });
    socket.on("pong", () => {
      one.pingsMissed = 0;
    });
    socket.on("error", (error) => log.debug({ err: error }, "a connection to a document broke"));
    socket.once("close", () => {
      clearTimeout(goodbye);
      leave();
    });
    served.add(one);
    metrics.connections.inc();
    const version = url.searchParams.get("v");
    if (version !== null && !(Number(version) >= schemaVersion)) {
      member.close(closeCodes.clientTooOld, "This page is out of date: load it again.");
      return;
    }
    if (!docIdPattern.test(docId)) {
      member.close(closeCodes.unknown, "There is no such document.");
      return;
    }
    room = rooms.join(org.id, docId, member, url.searchParams.get("e"));
    // it may have ended while it was joined
    if (member.isClosed) rooms.leave(room, member);
  }

  return {
    takes: (pathname) => path.test(pathname),
    accept({ req, socket, head, principal, url, refuse }) {
      const docId = decodeId(path.exec(url.pathname)?.[1] ?? "");
      const orgId = principal.org?.id;
      if (!orgId) {
        refuse(403);
        return;
      }
      const freePlace = places.take([
        [orgId, limits.collabPerOrganisation],
        [`${orgId} ${docId}`, limits.collabPerDocument],
        principal.apiTokenId
          ? [principal.apiTokenId, limits.collabPerToken]
          : [`${orgId} ${principal.userId}`, limits.collabPerPerson],
      ]);
      if (!freePlace) {
        refuse(429);
        return;
      }
      socket.once("close", freePlace);
      // the request is not kept: it would be a good part of what an idle connection costs
      wss.handleUpgrade(req, socket, head, (client) =>
        serve(client, { principal, url, docId, wire: socket }),
      );
    },
    async close(graceMs) {
      clearInterval(timer);
      await rooms.close(graceMs);
      const deadline = setTimeout(
        () => {
          for (const client of wss.clients) client.terminate();
        },
        Math.min(graceMs, goodbyeMs),
      );
      await Promise.all([...wss.clients].map((client) => new Promise((done) => client.once("close", done))));
      clearTimeout(deadline);
    },
  };
}

/** Whoever the connection speaks for may do something else now: it begins anew, or is over. */
async function rightsChanged(
  db: Database,
  log: Logger,
  before: Principal,
  member: Member,
  now: Principal | null,
): Promise<void> {
  if (now) {
    member.close(closeCodes.permissionChanged, "What you may do here has changed.");
    return;
  }
  const isMember = await belongs(db, before).catch((error: unknown) => {
    log.warn({ err: error }, "a membership could not be looked at");
    return true;
  });
  if (isMember) member.close(closeCodes.sessionOver, "This session is over: sign in again.");
  else member.close(closeCodes.forbidden, "You do not belong to this organisation any more.");
}

const belongs = async (db: Database, { org, userId }: Principal): Promise<boolean> =>
  org !== null && (await db.withOrg(org.id, (tx) => findMembership(tx, userId))) !== null;

function bytesOf(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return Array.isArray(data) ? Buffer.concat(data) : data;
}

function decodeId(part: string): string {
  try {
    return decodeURIComponent(part).toLowerCase();
  } catch {
    return "";
  }
}
