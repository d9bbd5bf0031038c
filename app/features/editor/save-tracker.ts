/** `offline`: no connection; edits are kept here and sent when it is back. */
export type SaveState = "saved" | "saving" | "offline";

export interface SaveTracker {
  opened(): void;
  closed(): void;
  /** A frame that carries an update was sent on this connection. */
  sent(): void;
  /** The server says: the first `count` such frames of this connection are stored for good. */
  acknowledged(count: number): void;
  /** Something was edited here. */
  edited(): void;
  isUnsaved(): boolean;
  state(): SaveState;
}

/**
 * What is saved: counts the frames of a connection against what the server acknowledges. Both counts begin anew with every
 * connection; what was unsaved travels again in its first frame.
 */
export function createSaveTracker(onChange: () => void): SaveTracker {
  let isOpen = false;
  let sent = 0;
  let acknowledged = 0;
  let unsaved = false;
  return {
    opened() {
      [isOpen, sent, acknowledged] = [true, 0, 0];
      onChange();
    },
    closed() {
      [isOpen, sent, acknowledged] = [false, 0, 0];
      onChange();
    },
    sent() {
      sent += 1;
    },
    acknowledged(count) {
      acknowledged = Math.max(acknowledged, count);
      if (acknowledged < sent || sent === 0 || !unsaved) return;
      unsaved = false;
      onChange();
    },
    edited() {
      if (unsaved) return;
      unsaved = true;
      onChange();
    },
    isUnsaved: () => unsaved,
    state: () => (!isOpen ? "offline" : unsaved ? "saving" : "saved"),
  };
}
