import type { StoredUpdate } from "#db/queries/collab.ts";
import type { Logger } from "#root/log.ts";
import type { RoomDocument } from "./room-document.ts";

/** Keeps a room at the end of its document's log, which other processes write too. */
export interface LogFollower {
  /** All updates up to this number are in the document. */
  readonly head: number;
  startAt(head: number): void;
  /** This room wrote: anybody else's in between are read. */
  wrote(previousSeq: number, lastSeq: number): void;
  /** Another process says what it wrote: taken in at once where nothing is missing before it. */
  hear(previousSeq: number, updates: readonly Uint8Array[]): void;
  /** Reads what others wrote. Never rejects. */
  catchUp(): Promise<void>;
}

export function createLogFollower(options: {
  log: Logger;
  docId: string;
  /** Null while it is being loaded. */
  document: () => RoomDocument | null;
  updatesAfter: (seq: number) => Promise<StoredUpdate[]>;
  /** The document has them now; whoever is at it has not. */
  onNews: (updates: Uint8Array[]) => void;
  /** The log and the document do not go together: it must be loaded again. */
  onMisfit: () => void;
}): LogFollower {
  const { log, docId, document, updatesAfter, onNews, onMisfit } = options;
  let head = 0;
  let reading: Promise<void> | null = null;
  let isBehind = false;

  /** One at a time; asked for meanwhile, it looks once more. */
  function catchUp(): Promise<void> {
    isBehind = true;
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  async function read(): Promise<void> {
    for (let current = document(); isBehind && current; current = document()) {
      isBehind = false;
      try {
        const updates = await updatesAfter(head);
        if (document() !== current) return;
        takeIn(
          current,
          updates.filter(({ seq }) => seq > head),
        );
      } catch (error) {
        misfit(current, error);
      }
    }
  }

  function takeIn(current: RoomDocument, updates: readonly StoredUpdate[]): void {
    if (updates.length === 0) return;
    for (const { data } of updates) current.absorb(data);
    head = updates.at(-1)?.seq ?? head;
    onNews(updates.map(({ data }) => data));
  }

  function misfit(current: RoomDocument, error: unknown): void {
    log.warn({ err: error, docId }, "a document could not follow its log: it is loaded again");
    if (document() === current) onMisfit();
  }

  return {
    get head() {
      return head;
    },
    startAt(seq) {
      head = seq;
    },
    wrote(previousSeq, lastSeq) {
      if (previousSeq === head) head = lastSeq;
      else if (document()) void catchUp();
    },
    hear(previousSeq, updates) {
      const current = document();
      if (!current) return;
      if (reading || previousSeq !== head) {
        void catchUp();
        return;
      }
      try {
        takeIn(
          current,
          updates.map((data, index) => ({ seq: previousSeq + 1 + index, data })),
        );
      } catch (error) {
        misfit(current, error);
      }
    },
    catchUp,
  };
}
