import type { UploadOutput, UploadStatus } from "#contracts/uploads.ts";

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

/** An import that is being undone stays `done` until it is. */
export const isRunning = ({ status, phase }: Pick<UploadOutput, "status" | "phase">): boolean =>
  running[status] || phase === "undoing";
