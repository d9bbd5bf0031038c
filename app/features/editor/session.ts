import { readVarUint } from "lib0/decoding";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { closeCodes } from "#collab/close-codes.ts";
import { type Actor, renameDashboard } from "#collab/dashboard-commands.ts";
import { schemaVersion } from "#collab/dashboard-doc.ts";
import { readFilters } from "#collab/dashboard-filters.ts";
import { deletedWidgets, projectDashboard } from "#collab/dashboard-projection.ts";
import { dashboardUndo } from "#collab/dashboard-undo.ts";
import { ownFrameTypes } from "#collab/protocol.ts";
import { type LiveWidget, readWidgets } from "#collab/widgets/read-widget.ts";
import { countingSocket } from "./counting-socket.ts";
import { dropAside, findAside, type LocalCopy, openLocalCopy, setAside } from "./local-copy.ts";
import { noPresence, type OwnPresence, type Peer, readPeers } from "./peers.ts";
import { spreadReconnects } from "./reconnect.ts";
import { createSaveTracker, type SaveState } from "./save-tracker.ts";

/** A dashboard that is open: its document, what of it is saved, and who else is there. */
export interface DashboardSession {
  /** Of the document, of saving and of the connection; `state` is another object after each call. */
  subscribe(listener: () => void): () => void;
  state(): SessionState;
  /** Of others' presence, many times a second. */
  subscribePeers(listener: () => void): () => void;
  peers(): readonly Peer[];
  /** One gesture, one step to undo; while somebody types (`typing`), half a second is one step. */
  run<T>(command: (doc: Y.Doc, actor: Actor) => T, how?: "typing"): T;
  /** Typing a title for the dashboard. */
  rename(title: string): void;
  undo(): void;
  redo(): void;
  show(presence: Partial<OwnPresence>): void;
  /** What could not be merged and waits to be taken home, as JSON; null when there is nothing. */
  aside(): string | null;
  dropAside(): void;
  close(): void;
}

export interface SessionState {
  /** Whether the document was there at least once: before, nothing of it can be shown. */
  isReady: boolean;
  /** `reading`: a role that does not edit. */
  save: SaveState | "reading";
  isUnsaved: boolean;
  /** Why it is over; null while it goes on. */
  ended: SessionEnd | null;
  title: string;
  widgets: readonly LiveWidget[];
  filters: Readonly<Record<string, string[]>>;
  deleted: readonly { id: string; title: string; type: string; by: string }[];
  canUndo: boolean;
  canRedo: boolean;
}

export type SessionEnd = "signed-out" | "forbidden" | "gone" | "refused" | "outdated" | "too-old" | "rights";

const ends: Readonly<Record<number, SessionEnd>> = {
  [closeCodes.sessionOver]: "signed-out",
  [closeCodes.forbidden]: "forbidden",
  [closeCodes.unknown]: "gone",
  [closeCodes.otherEpoch]: "outdated",
  [closeCodes.permissionChanged]: "rights",
  [closeCodes.invalid]: "refused",
  [closeCodes.clientTooOld]: "too-old",
};

interface SessionOptions {
  docId: string;
  orgId: string;
  user: { id: string; name: string };
  mayEdit: boolean;
  /** The epoch of the document on the server. */
  epoch: string;
  /** `ws://host/collab`. */
  url: string;
}

/** Opens the local copy first, then connects: what was edited without a connection is merged on the way. */
export async function openSession(options: SessionOptions): Promise<DashboardSession> {
  const { docId, orgId, user, mayEdit, epoch, url } = options;
  const owner = { orgId, userId: user.id, docId };
  const doc = new Y.Doc();
  const copy: LocalCopy | null = mayEdit ? await openLocalCopy(owner, epoch, doc) : null;
  const undo = dashboardUndo(doc);
  const listeners = new Set<() => void>();
  const peerListeners = new Set<() => void>();
  let cached: SessionState | null = null;
  let cachedPeers: readonly Peer[] | null = null;
  let ended: SessionEnd | null = null;
  let isReady = doc.getMap("meta").size > 0;
  const changed = () => {
    cached = null;
    for (const listener of [...listeners]) listener();
  };
  const tracker = createSaveTracker(() => {
    copy?.mark(tracker.isUnsaved());
    changed();
  });
  const provider = new WebsocketProvider(url, docId, doc, {
    connect: false,
    // what the server refused must not reach another tab around it
    disableBc: true,
    params: { e: epoch, v: String(schemaVersion) },
    WebSocketPolyfill: countingSocket(() => tracker.sent()),
    shouldReconnect: ({ code }) => !(code in ends),
  });
  const { awareness } = provider;
  awareness.setLocalState(mayEdit ? { ...noPresence } : null);
  provider.messageHandlers[ownFrameTypes.ack] = (_encoder, decoder) =>
    tracker.acknowledged(readVarUint(decoder));
  provider.messageHandlers[ownFrameTypes.reject] = () => {};
  provider.messageHandlers[ownFrameTypes.epoch] = () => {};

  const onUpdate = (_update: Uint8Array, origin: unknown) => {
    // the copy and the server only tell what they know
    const isOwn =
      origin !== provider &&
      !(typeof origin === "object" && origin !== null && !(origin instanceof Y.UndoManager));
    if (isOwn && mayEdit) tracker.edited();
    changed();
  };
  doc.on("update", onUpdate);
  for (const event of ["stack-item-added", "stack-item-popped", "stack-cleared"] as const)
    undo.on(event, changed);
  provider.on("sync", (isSynced: boolean) => {
    if (!isSynced) return;
    isReady = true;
    changed();
  });
  provider.on("status", ({ status }) => {
    if (status === "connected") {
      tracker.opened();
      // the clock moves on, so that others see somebody who was away
      awareness.setLocalState(awareness.getLocalState());
    }
    if (status === "disconnected") tracker.closed();
  });
  spreadReconnects(provider);
  provider.on("closed", ({ code }) => {
    ended = ends[code] ?? null;
    // nothing typed is lost: what the server will not take any more is kept to be taken home
    const isLost = ended === "refused" || ended === "forbidden" || ended === "outdated" || ended === "rights";
    if (isLost && tracker.isUnsaved()) setAside(owner, doc);
    if (isLost && ended !== "rights") void copy?.forget();
    changed();
  });
  const onPeers = () => {
    cachedPeers = null;
    for (const listener of [...peerListeners]) listener();
  };
  awareness.on("change", onPeers);

  const onOffline = () => provider.disconnect();
  const onOnline = () => {
    if (!ended) provider.connect();
  };
  const onLeave = (event: BeforeUnloadEvent) => {
    if (tracker.isUnsaved() && ended === null) event.preventDefault();
  };
  window.addEventListener("offline", onOffline);
  window.addEventListener("online", onOnline);
  window.addEventListener("beforeunload", onLeave);
  if (navigator.onLine) provider.connect();

  const compute = (): SessionState => {
    const projection = projectDashboard(doc);
    return {
      isReady,
      save: mayEdit ? tracker.state() : "reading",
      isUnsaved: tracker.isUnsaved(),
      ended,
      title: projection.title,
      widgets: readWidgets(projection.widgets),
      filters: readFilters(projection.filters),
      deleted: Object.entries(deletedWidgets(doc)).map(([id, { title, type, del }]) => ({
        id,
        title: typeof title === "string" ? title : "",
        type: typeof type === "string" ? type : "",
        by: typeof del === "object" && del !== null && "by" in del ? String(del.by) : "",
      })),
      canUndo: undo.undoStack.length > 0,
      canRedo: undo.redoStack.length > 0,
    };
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state() {
      cached ??= compute();
      return cached;
    },
    subscribePeers(listener) {
      peerListeners.add(listener);
      return () => peerListeners.delete(listener);
    },
    peers() {
      cachedPeers ??= readPeers(awareness);
      return cachedPeers;
    },
    run(command, how) {
      if (how !== "typing") undo.stopCapturing();
      const result = command(doc, { by: user.id, at: new Date().toISOString() });
      if (how !== "typing") undo.stopCapturing();
      return result;
    },
    rename: (title) => renameDashboard(doc, title),
    undo: () => void undo.undo(),
    redo: () => void undo.redo(),
    show(presence) {
      const own = awareness.getLocalState();
      if (own) awareness.setLocalState({ ...own, ...presence });
    },
    aside: () => findAside(owner),
    dropAside() {
      dropAside(owner);
      changed();
    },
    close() {
      window.removeEventListener("offline", onOffline);
      window.removeEventListener("online", onOnline);
      window.removeEventListener("beforeunload", onLeave);
      awareness.off("change", onPeers);
      doc.off("update", onUpdate);
      provider.destroy();
      awareness.destroy();
      undo.destroy();
      void copy?.close();
      doc.destroy();
    },
  };
}
