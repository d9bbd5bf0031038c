import { IndexeddbPersistence } from "y-indexeddb";
import * as Y from "yjs";
import { deletedWidgets, projectDashboard } from "#collab/dashboard-projection.ts";

/**
 * A document's copy in this browser, so that edits outlive a reload without a connection. One per organisation, person, document
 * and epoch: histories that the server does not know are never merged. What cannot be merged is set aside as a file to take home.
 */

interface Owner {
  orgId: string;
  userId: string;
  docId: string;
}

const prefixOf = ({ orgId, userId, docId }: Owner): string => `jarvis360:${orgId}:${userId}:${docId}:`;
const unsavedKey = (name: string): string => `unsaved ${name}`;
const asideKey = (owner: Owner): string => `aside ${prefixOf(owner)}`;

export interface LocalCopy {
  /** Keeps in mind whether the copy holds what the server lacks. */
  mark(isUnsaved: boolean): void;
  close(): Promise<void>;
  /** Destroys the copy. */
  forget(): Promise<void>;
}

/** Fills the document from its copy, and keeps that from then on. Null where this browser keeps nothing. */
export async function openLocalCopy(owner: Owner, epoch: string, doc: Y.Doc): Promise<LocalCopy | null> {
  if (typeof indexedDB === "undefined") return null;
  await setOlderAside(owner, epoch);
  const name = prefixOf(owner) + epoch;
  const persistence = new IndexeddbPersistence(name, doc);
  const isThere = await Promise.race([persistence.whenSynced.then(() => true), patience()]);
  if (!isThere) return null;
  void navigator.storage?.persist?.().catch(() => false);
  return {
    mark(isUnsaved) {
      writeText(unsavedKey(name), isUnsaved ? "1" : null);
    },
    close: () => persistence.destroy(),
    async forget() {
      writeText(unsavedKey(name), null);
      await persistence.clearData();
    },
  };
}

/** Storage that does not answer (private windows) must not keep anybody from working. */
const patience = (): Promise<false> => new Promise((done) => setTimeout(() => done(false), 3_000));

/** Copies of other epochs: with unsaved edits they become a file on offer, the others are of no use. */
async function setOlderAside(owner: Owner, epoch: string): Promise<void> {
  const known = await indexedDB.databases?.().catch(() => []);
  for (const { name } of known ?? []) {
    if (!name?.startsWith(prefixOf(owner)) || name === prefixOf(owner) + epoch) continue;
    const doc = new Y.Doc();
    const persistence = new IndexeddbPersistence(name, doc);
    if (readText(unsavedKey(name)) !== null && (await Promise.race([persistence.whenSynced, patience()])))
      setAside(owner, doc);
    writeText(unsavedKey(name), null);
    await persistence.clearData();
    doc.destroy();
  }
}

/** Keeps what the document says as a file on offer, until it is taken or thrown away. */
export function setAside(owner: Owner, doc: Y.Doc): void {
  const { title, widgets, filters } = projectDashboard(doc);
  const copy = { title, widgets, filters, deleted: deletedWidgets(doc) };
  writeText(asideKey(owner), JSON.stringify(copy, null, 2));
}

export const findAside = (owner: Owner): string | null => readText(asideKey(owner));
export const dropAside = (owner: Owner): void => writeText(asideKey(owner), null);

function readText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Null takes it away. Storage that is full or forbidden is no reason to stop. */
function writeText(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else if (localStorage.getItem(key) !== value) localStorage.setItem(key, value);
  } catch {
    // what is kept here is a second chance only
  }
}
