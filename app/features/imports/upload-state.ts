import type { UploadStatus } from "#contracts/uploads.ts";

/** Whether something still happens by itself; contracts' list of resting statuses would bring its schemas to the browser. */
const running = {
  queued: true,
  parsing: true,
  needs_mapping: false,
  importing: true,
  done: false,
  failed: false,
  cancelled: false,
  undone: false,
  previewed: false,
} as const satisfies Record<UploadStatus, boolean>;

export const isRunning = (status: UploadStatus): boolean => running[status];
