/** One question at a time for the data in view, and when its answer is on the page. */
export interface Asking<Question> {
  readonly isOpen: boolean;
  /** @param shown the data that is on the page meanwhile */
  begin(question: Question, shown: unknown): void;
  /** To be told of every commit. @returns the question whose answer that commit brought, null: none */
  committed(isFree: boolean, shown: unknown): Question | null;
}

/**
 * An answer may be quicker than React, which then never shows that the page was asking: that the data is other data tells as well. Without
 * that the question would stay open for ever, and nothing more be asked.
 */
export function createAsking<Question>(): Asking<Question> {
  let open: { question: Question; shown: unknown; wasBusy: boolean } | null = null;
  return {
    get isOpen() {
      return open !== null;
    },
    begin(question, shown) {
      open = { question, shown, wasBusy: false };
    },
    committed(isFree, shown) {
      if (!open) return null;
      open.wasBusy ||= !isFree;
      // drawn anew for another reason, before the question is on its way
      if (!isFree || (!open.wasBusy && shown === open.shown)) return null;
      const { question } = open;
      open = null;
      return question;
    },
  };
}
