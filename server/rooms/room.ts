import * as Y from "yjs";
import { type CloseCode, closeCodes } from "#collab/close-codes.ts";
import { decodeClientFrame, serverFrame } from "#collab/protocol.ts";
import type { StoredUpdates } from "#collab/stored-updates.ts";
import type { Logger } from "#root/log.ts";
import { createAnswers } from "./answers.ts";
import { createArrivals, shut } from "./arrivals.ts";
import { createIntake } from "./intake.ts";
import type { RoomLimits } from "./limits.ts";
import { createLogFollower } from "./log-follower.ts";
import type { Member } from "./member.ts";
import { createOutbox, type Entry } from "./outbox.ts";
import { createPresence } from "./presence.ts";
import { endBecause } from "./refused.ts";
import { createRoomDocument, type RoomDocument } from "./room-document.ts";
import type { Batch, BatchOutcome, DocumentHead, RoomStorage } from "./storage.ts";

/** What a room needs of its process. */
export interface RoomDeps {
  storage: RoomStorage;
  limits: RoomLimits;
  log: Logger;
  /** Something waits in this room to be stored. */
  onWaiting(room: Room): void;
  /** False: this organisation has written enough for now. */
  mayUpdate(): boolean;
  /** Somebody who may only read said more than that. */
  onDropped(what: "edit" | "presence"): void;
  /** Others lack them. */
  onStored(room: Room, stored: StoredUpdates): void;
  onPresence(room: Room, bytes: Uint8Array): void;
  /** It ended, or could not be opened: the next who comes gets a new one. */
  onEnd(room: Room): void;
}

/** One document and who is at it. Everything happens in the order in which it came. */
export interface Room {
  readonly orgId: string;
  readonly docId: string;
  readonly members: ReadonlySet<Member>;
  /** Its log has grown since the snapshot. */
  readonly hasTail: boolean;
  /** Nobody is here, and nothing waits for anything. */
  readonly isIdle: boolean;
  /** @param epoch what the client believes, null: whatever it is */
  join(member: Member, epoch: string | null): void;
  leave(member: Member): void;
  receive(member: Member, bytes: Uint8Array): void;
  /** What the committer is to store; null: nothing, or not now. */
  nextBatch(): Batch | null;
  settle(outcome: BatchOutcome): void;
  /** What the database, or another process, says of the log. */
  sawHead(head: Omit<DocumentHead, "docId">): void;
  /** What another process stored: taken in at once where nothing is missing before it. */
  sawUpdates(stored: StoredUpdates): void;
  sawPresence(bytes: Uint8Array): void;
  /** Shows everybody out. */
  end(code: CloseCode, words: string): void;
}

type State = { kind: "loading" } | { kind: "open"; document: RoomDocument } | { kind: "ended" };

const mergedAtOnce = 100;

export function createRoom(orgId: string, docId: string, deps: RoomDeps): Room {
  const { storage, limits, log } = deps;
  const members = new Set<Member>();
  const outbox = createOutbox();
  let state: State = { kind: "loading" };
  let epoch: string | null = null;
  /** Updates since the snapshot. */
  let tail = 0;
  const documentNow = () => (state.kind === "open" ? state.document : null);

  const presence = createPresence({
    members,
    mayUse: (client, userId) => documentNow()?.mayUse(client, userId) ?? false,
    isSlow: (member) => member.isSlow,
    onOwn: (bytes) => deps.onPresence(room, bytes),
    onLie: () => deps.onDropped("presence"),
  });
  const arrivals = createArrivals({ limits, onGreeted: presence.join });
  const answers = createAnswers({ outbox, document: documentNow });
  const follower = createLogFollower({
    ...{ log, docId },
    document: documentNow,
    updatesAfter: (seq) => storage.updatesAfter(orgId, docId, epoch ?? "", seq),
    onNews: (updates) => {
      tail += updates.length;
      broadcast(updates, null);
    },
    onMisfit: reload,
  });
  const intake = createIntake({
    ...{ limits, outbox, guard },
    catchUp: follower.catchUp,
    document: documentNow,
    mayUpdate: deps.mayUpdate,
    onForbidden: () => deps.onDropped("edit"),
    onTaken: () => deps.onWaiting(room),
    onDamaged: reload,
  });

  async function load(): Promise<void> {
    try {
      const loaded = await storage.load(orgId, docId);
      if (state.kind !== "loading") return;
      if (!loaded || loaded.isClosed) return room.end(...shut.unknown);
      if (epoch !== null && loaded.epoch !== epoch) return room.end(...shut.epoch);
      const document = createRoomDocument(loaded, limits.collabDocumentBytes);
      epoch = loaded.epoch;
      follower.startAt(loaded.headSeq);
      tail = loaded.pieces.length - 1;
      state = { kind: "open", document };
      for (const entry of outbox.empty()) takeAgain(document, entry);
      answers.renew(guard);
      for (const member of [...members]) greet(member);
      if (!outbox.isEmpty) deps.onWaiting(room);
      deliver();
    } catch (error) {
      // never an empty document in place of one that could not be read
      log.error({ err: error, docId }, "a document could not be loaded");
      if (state.kind === "loading") room.end(closeCodes.later, "This document cannot be read right now.");
    }
  }

  /** From what is stored, and what was taken and is not stored yet. */
  function reload(): void {
    documentNow()?.destroy();
    state = { kind: "loading" };
    // what is on its way must be settled first, so that it is either stored or here
    if (!outbox.isSending) void load();
  }

  function takeAgain(document: RoomDocument, entry: Entry): void {
    const { data, userId } = entry.update;
    const taken = document.take(data, userId, "refuse");
    if (taken.kind === "taken") outbox.restore({ ...entry, update: { ...taken, userId } });
    // it built on something that was refused: connected again, the client sends what is missing
    else if (taken.kind !== "known") entry.member?.close(closeCodes.restarting, "Connect again.");
  }

  function greet(member: Member): void {
    const document = documentNow();
    if (!document || epoch === null) return;
    for (const bytes of arrivals.greet(member, document, epoch)) room.receive(member, bytes);
  }

  /** What may refuse a member, now or later than its frame. */
  function guard(member: Member, work: () => void): void {
    if (member.isClosed) return;
    try {
      work();
      if (state.kind !== "open") return;
      // what somebody says settles nothing of the others
      const { settled } = outbox;
      answers.deliver(settled);
      if (member.waitsForAck) member.acknowledge(settled);
    } catch (error) {
      endBecause(error, member, log, docId);
    }
  }

  function handle(member: Member, bytes: Uint8Array): void {
    const frame = decodeClientFrame(bytes);
    switch (frame.kind) {
      case "step1":
        answers.give(member, frame.stateVector);
        return;
      case "queryAwareness":
        presence.tell(member);
        return;
      case "awareness":
        if (member.canWrite) presence.take(member, frame.update);
        else presence.passOver(member, frame.update);
        return;
      case "step2":
      case "update":
        intake.take(member, frame.kind, frame.update);
    }
  }

  /** Sends what has become durable: answers, and acknowledgements. */
  function deliver(): void {
    // while it is loaded again, what was taken may turn out to be refused
    if (state.kind !== "open") return;
    const { settled } = outbox;
    answers.deliver(settled);
    for (const member of members) if (member.waitsForAck) member.acknowledge(settled);
  }

  function broadcast(updates: readonly Uint8Array[], except: Member | null): void {
    for (let from = 0; from < updates.length; from += mergedAtOnce) {
      const part = updates.slice(from, from + mergedAtOnce);
      const frame = serverFrame.update(part.length === 1 && part[0] ? part[0] : Y.mergeUpdates(part));
      for (const member of members) if (member !== except && !arrivals.has(member)) member.send(frame);
    }
  }

  function onStored({ previousSeq, lastSeq }: Extract<BatchOutcome, { kind: "stored" }>): void {
    const entries = outbox.stored();
    const updates = entries.map(({ update }) => update.data);
    const sender = entries[0]?.member ?? null;
    broadcast(updates, entries.every(({ member }) => member === sender) ? sender : null);
    tail += entries.length;
    follower.wrote(previousSeq, lastSeq);
    // some stood in the log already: others had better read it
    const isWhole = lastSeq - previousSeq === updates.length;
    if (epoch !== null)
      deps.onStored(
        room,
        isWhole ? { epoch, previousSeq, updates } : { epoch, previousSeq: lastSeq, updates: [] },
      );
    if (state.kind === "loading") void load();
    if (!outbox.isEmpty) deps.onWaiting(room);
    deliver();
  }

  function onRefused({ users, clients }: Extract<BatchOutcome, { kind: "refused" }>): void {
    const isBad = ({ update }: Entry) =>
      (update.userId !== null && users.includes(update.userId)) ||
      update.claims.some((client) => clients.includes(client));
    const bad = new Set(outbox.giveBack(isBad).flatMap(({ update: { userId } }) => userId ?? []));
    outbox.giveBack(({ update: { userId } }) => userId !== null && bad.has(userId));
    // their other windows too: what those were told may rest on what was refused
    for (const member of [...members].filter(({ user, canWrite }) => canWrite && bad.has(user.id)))
      if (users.includes(member.user.id))
        member.close(closeCodes.permissionChanged, "What you may do here has changed.");
      else member.close(closeCodes.invalid, "Edits under somebody else's client id.");
    reload();
  }

  const room: Room = {
    orgId,
    docId,
    members,
    get hasTail() {
      return tail > 0;
    },
    get isIdle() {
      return members.size === 0 && outbox.isEmpty && state.kind !== "loading";
    },
    join(member, wanted) {
      if (state.kind === "ended") {
        member.close(closeCodes.later, "Connect again.");
        return;
      }
      members.add(member);
      arrivals.add(member, wanted);
      greet(member);
    },
    leave(member) {
      members.delete(member);
      arrivals.leave(member);
      answers.forget(member);
      presence.leave(member);
    },
    receive(member, bytes) {
      if (state.kind === "open" && !arrivals.has(member)) {
        guard(member, () => handle(member, bytes));
        return;
      }
      arrivals.keep(member, bytes);
    },
    nextBatch() {
      const updates = state.kind === "open" ? outbox.send() : null;
      return updates && epoch !== null ? { docId, epoch, updates } : null;
    },
    settle(outcome) {
      if (outcome.kind === "stored") onStored(outcome);
      else if (outcome.kind === "refused") onRefused(outcome);
      else {
        outbox.giveBack(() => true);
        const [code, words] = shut[outcome.why];
        room.end(code, words);
      }
    },
    sawHead({ epoch: seen, headSeq, isClosed }) {
      if (state.kind !== "open") return;
      if (isClosed) room.end(...shut.unknown);
      else if (seen !== epoch) room.end(...shut.epoch);
      else if (headSeq > follower.head) void follower.catchUp();
    },
    sawUpdates({ epoch: seen, previousSeq, updates }) {
      if (seen === epoch) follower.hear(previousSeq, updates);
    },
    sawPresence: (bytes) => presence.merge(bytes),
    end(code, words) {
      if (state.kind === "ended") return;
      documentNow()?.destroy();
      state = { kind: "ended" };
      presence.close();
      for (const member of [...members]) member.close(code, words);
      members.clear();
      arrivals.clear();
      answers.clear();
      deps.onEnd(room);
    },
  };
  void load();
  return room;
}
