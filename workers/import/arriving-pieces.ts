import { setTimeout as pause } from "node:timers/promises";
import { openChunkReader } from "#db/chunk-stream.ts";

/** The rest of the file does not come, or too slowly to wait for it: it is read when it is there. */
export class GaveUp extends Error {
  override readonly name = "GaveUp";
}

const pollMs = 20;
/** A sender that pauses longer than this holds up nobody else's import. */
export const defaultIdleMs = 1_000;
const patienceMs = 60_000;

/**
 * The pieces of a file in order, while it still arrives.
 * @param options.onComplete runs once, when the file is complete and before its last pieces are read; may throw
 * @throws GaveUp; AppError UNAVAILABLE when the connection is lost
 */
export async function* arrivingPieces(options: {
  url: string;
  orgId: string;
  uploadId: string;
  signal: AbortSignal;
  idleMs: number;
  onComplete: () => Promise<void>;
}): AsyncGenerator<Buffer> {
  const reader = await openChunkReader(options);
  const began = performance.now();
  let progressed = began;
  let next = 0;
  try {
    for (;;) {
      const state = await reader.state();
      if (state === null || options.signal.aborted) throw new GaveUp();
      if (!state.arriving) await options.onComplete();
      if (state.pieces > next) {
        for await (const piece of reader.read(next)) {
          next += 1;
          yield piece;
        }
        progressed = performance.now();
      }
      if (!state.arriving) return;
      const now = performance.now();
      if (now - progressed > options.idleMs || now - began > patienceMs) throw new GaveUp();
      await pause(pollMs);
    }
  } finally {
    await reader.end();
  }
}
