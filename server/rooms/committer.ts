import type { Logger } from "#root/log.ts";
import type { Room } from "./room.ts";
import type { Batch, BatchOutcome, RoomStorage } from "./storage.ts";

const firstRetryMs = 100;
const lastRetryMs = 2_000;
/** A transaction that takes longer than this is overtaken: what comes then goes by a second way, and does not wait for both. */
const slowMs = 5;
const atOnce = 2;

/** Whether one has begun only just now. */
function hasQuick(ways: ReadonlyMap<unknown, number>): boolean {
  const since = performance.now() - slowMs;
  for (const began of ways.values()) if (began > since) return true;
  return false;
}

/**
 * Group commit: what the rooms of one organisation have waiting goes to the database in one transaction, the next as soon as that one
 * is done; few of them with much in each cost least. A room is in one of them at a time.
 */
export interface Committer {
  /** Something waits in this room. */
  wake(room: Room): void;
  /** Resolves when nothing waits any more, or after `graceMs`. */
  flush(graceMs: number): Promise<void>;
  close(): void;
}

/** @param options.onCommit hears how long a transaction took, in seconds, and how many edits it stored */
export function createCommitter(options: {
  storage: RoomStorage;
  log: Logger;
  onCommit: (seconds: number, updates: number) => void;
}): Committer {
  const { storage, log, onCommit } = options;
  const waiting = new Map<string, Set<Room>>();
  /** When what each is doing began. */
  const running = new Map<string, Map<Promise<void>, number>>();
  let isClosed = false;

  /** Called for every edit: mostly there is nothing to begin. */
  function run(orgId: string): void {
    const ways = running.get(orgId);
    if (isClosed || (ways && (ways.size >= atOnce || hasQuick(ways)))) return;
    begin(orgId, ways ?? new Map<Promise<void>, number>());
  }

  function begin(orgId: string, ways: Map<Promise<void>, number>): void {
    running.set(orgId, ways);
    const work: Promise<void> = commitAll(orgId, () => ways.set(work, performance.now())).finally(() => {
      ways.delete(work);
      if (ways.size === 0) running.delete(orgId);
      if ((waiting.get(orgId)?.size ?? 0) > 0) run(orgId);
    });
    ways.set(work, performance.now());
  }

  async function commitAll(orgId: string, onBegin: () => void): Promise<void> {
    // edits of the same moment go together
    await new Promise((done) => setImmediate(done));
    do onBegin();
    while (!isClosed && (await commit(orgId)));
  }

  /** @returns false when nothing waited */
  async function commit(orgId: string): Promise<boolean> {
    const rooms = new Map<string, Room>();
    const batches: Batch[] = [];
    for (const room of waiting.get(orgId) ?? []) {
      const batch = room.nextBatch();
      if (!batch) continue;
      rooms.set(batch.docId, room);
      batches.push(batch);
    }
    waiting.delete(orgId);
    if (batches.length === 0) return false;
    const began = performance.now();
    const outcomes = await appendSurely(orgId, batches);
    if (!outcomes) return false;
    onCommit(
      (performance.now() - began) / 1_000,
      batches.reduce((sum, { updates }) => sum + updates.length, 0),
    );
    for (const [docId, room] of rooms) room.settle(outcomes.get(docId) ?? { kind: "shut", why: "unknown" });
    return true;
  }

  /** Tries until it is stored: meanwhile nothing is acknowledged, and rooms take no more than they can keep. */
  async function appendSurely(
    orgId: string,
    batches: readonly Batch[],
  ): Promise<Map<string, BatchOutcome> | null> {
    for (let attempt = 0; !isClosed; attempt++)
      try {
        return await storage.append(orgId, batches);
      } catch (error) {
        log.warn({ err: error, attempt }, "edits could not be stored yet");
        await new Promise((done) => setTimeout(done, Math.min(lastRetryMs, firstRetryMs * 2 ** attempt)));
      }
    return null;
  }

  const allRunning = () => Promise.all([...running.values()].flatMap((ways) => [...ways.keys()]));

  return {
    wake(room) {
      const rooms = waiting.get(room.orgId) ?? new Set();
      waiting.set(room.orgId, rooms);
      rooms.add(room);
      run(room.orgId);
    },
    async flush(graceMs) {
      const late = new Promise<"late">((done) => setTimeout(done, graceMs, "late").unref());
      while (running.size > 0) if ((await Promise.race([allRunning(), late])) === "late") return;
    },
    close() {
      isClosed = true;
    },
  };
}
