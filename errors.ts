/**
 * The one error class. `code` decides the HTTP status, the tRPC code and what a client may do next; `message` is written
 * for the reader; `cause` and `internal` stay in the log.
 */
export const errorCodes = [
  "BAD_REQUEST",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "CONFLICT",
  "GONE",
  "TOO_LARGE",
  "UNSUPPORTED_MEDIA",
  "UNPROCESSABLE",
  "RATE_LIMITED",
  "UNAVAILABLE",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export class AppError extends Error {
  override readonly name = "AppError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly extra: {
      /** A finer, stable word for programs, e.g. `unknown_metric`; the REST envelope shows it as `error.code`. */
      reason?: string;
      /** Safe to show to the caller. */
      details?: Record<string, unknown>;
      /** For the log only. */
      internal?: string;
      cause?: unknown;
      retryAfterSeconds?: number;
    } = {},
  ) {
    super(message, { cause: extra.cause });
  }
}

/** HTTP status of every code; a new code without one does not compile. */
export const httpStatus = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  GONE: 410,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA: 415,
  UNPROCESSABLE: 422,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
} satisfies Record<ErrorCode, number>;

export const isAppError = (error: unknown): error is AppError => error instanceof AppError;
