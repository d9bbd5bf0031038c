import * as Y from "yjs";
import { ORIGIN } from "./dashboard-commands.ts";
import { rootsOf } from "./dashboard-doc.ts";

/**
 * Undo of one's own edits, never of another person's. A command begins a step of its own (`stopCapturing` before it); typing within
 * half a second is one step.
 */
export function dashboardUndo(doc: Y.Doc): Y.UndoManager {
  const { meta, widgets, filters } = rootsOf(doc);
  return new Y.UndoManager([meta, widgets, filters], {
    trackedOrigins: new Set([ORIGIN]),
    captureTimeout: 500,
  });
}
