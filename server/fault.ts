import { AppError, isAppError } from "#root/errors.ts";

/** SQLSTATE classes and codes that mean "the database is away, try again", not "the statement is wrong". */
const awayCode = /^(08...|57P0[1-5]|53300|25006|57014)$/;
/** A text, or a text in JSON, with a NUL. No stored text has one, so it came with the request. */
const nulCodes: ReadonlySet<string> = new Set(["22021", "22P05"]);
const awaySystemCode = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND"]);
const awayMessage =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying/;

/**
 * The AppError that an error is or stands for: our own, one wrapped by the query builder, or a database that is
 * away (restarting, full, read-only, too slow), which is 503, or a text that it cannot hold, which is 400. Null for everything
 * else: a fault of ours, 500.
 */
export function asAppError(error: unknown): AppError | null {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    if (isAppError(current)) return current;
    const code = "code" in current ? String(current.code) : "";
    if (code === "57014")
      return new AppError("UNAVAILABLE", "This took too long and was stopped. Try a smaller range.", {
        reason: "query_timeout",
        cause: error,
        retryAfterSeconds: 10,
      });
    if (nulCodes.has(code))
      return new AppError("BAD_REQUEST", "A text in this request holds a NUL character.", {
        reason: "invalid_input",
        cause: error,
      });
    if (awayCode.test(code) || awaySystemCode.has(code) || awayMessage.test(current.message))
      return new AppError("UNAVAILABLE", "The database cannot be reached right now. Try again in a moment.", {
        cause: error,
        retryAfterSeconds: 2,
      });
  }
  return null;
}
