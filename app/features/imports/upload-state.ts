import { restingStatuses, type UploadStatus } from "#contracts/uploads.ts";

/** Something still happens by itself. */
export const isRunning = (status: UploadStatus): boolean =>
  !restingStatuses.some((resting) => resting === status);
