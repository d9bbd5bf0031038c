import { expect, vi } from "vitest";
import * as Y from "yjs";
import type { TestClient, testRooms } from "./testing.ts";

/** Tests only: what tests of rooms say about documents. */

/** A dashboard's widgets. */
export const widgets = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets");

/** A new widget. */
export const widget = (title: string) => new Y.Map(Object.entries({ type: "kpi", title }));

/** What a widget is called there. */
export const title = (doc: Y.Doc, id = "w1") => widgets(doc).get(id)?.get("title");

/** Waits until a check no longer fails. */
export const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 2 });

/** Waits until the clients have all, and all of theirs is stored. */
export const synced = (...clients: TestClient[]) =>
  until(() => expect(clients.every((client) => client.synced && client.acked === client.sent)).toBe(true));

/** A promise that a test lets go of. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { opened, open };
}

/** The document as it lies in the store. */
export const stored = (t: ReturnType<typeof testRooms>): Y.Doc => {
  const doc = new Y.Doc();
  const kept = t.storage.docs.get(t.docId);
  for (const piece of [kept?.seed, ...(kept?.updates ?? []).map(({ data }) => data)])
    if (piece) Y.applyUpdate(doc, piece);
  return doc;
};
