/** A refused action as a form shows it. */
export interface Failure {
  status: number;
  message: string;
  /** A stable word for programs, e.g. `last_owner`. */
  reason: string | null;
  /** Field name → what is wrong with it. */
  fields: Record<string, string>;
  /** What was typed, without secrets. */
  typed: Record<string, string>;
}

/** The failure in an action's answer, if it is one. */
export function failureIn(answer: unknown): Failure | null {
  if (typeof answer !== "object" || answer === null || !("failure" in answer)) return null;
  const { failure } = answer as { failure: Failure };
  return failure;
}
