import type { Limits } from "#root/env.ts";

/** What a room lets happen; `LIMITS` sets those that people may want to set. */
export type RoomLimits = Pick<
  Limits,
  | "collabPerDocument"
  | "collabPerOrganisation"
  | "collabPerPerson"
  | "collabPerToken"
  | "collabFramesPerSecond"
  | "collabFramesBurst"
  | "collabUpdatesPerSecond"
  | "collabUpdateBytes"
  | "collabFrameBytes"
  | "collabBufferedBytes"
  | "collabDocumentBytes"
> & {
  /** Frames that wait while a document is being loaded, of one connection. */
  queuedFrames: number;
  queuedBytes: number;
  /** Edits that wait for the database, of one document. */
  unsavedBytes: number;
  /** How long a document stays loaded with nobody at it. */
  idleMs: number;
};

export const roomLimits = (limits: Limits): RoomLimits => ({
  ...limits,
  queuedFrames: 100,
  queuedBytes: 256 * 1024,
  unsavedBytes: 4 * 1024 ** 2,
  idleMs: 60_000,
});
