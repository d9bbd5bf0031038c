/** What an action says it has done; null where it has not, or not yet. */
export const savedIn = (answer: unknown): string | null =>
  typeof answer === "object" && answer !== null && "saved" in answer && typeof answer.saved === "string"
    ? answer.saved
    : null;
