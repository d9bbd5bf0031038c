import { isAppError } from "#root/errors.ts";

/** Another run of the job goes on already (`requireLease`): this one has nothing to end. */
export const isLeaseLost = (error: unknown): boolean => codeOf(error) === "55000";

/** Connections break, locks time out, servers restart: another try may work. */
export function isPassing(error: unknown): boolean {
  if (isAppError(error)) return error.code === "UNAVAILABLE";
  const code = codeOf(error);
  return (
    code !== null && /^(08...|40...|53...|55P03|57P0.|CONNECTION_.*|ECONN.*|EPIPE|ETIMEDOUT)$/.test(code)
  );
}

/** The database's or the system's code of an error, or of its cause. */
function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return null;
  if ("code" in error && typeof error.code === "string") return error.code;
  return "cause" in error ? codeOf(error.cause) : null;
}
