import type { ReconcileRow } from "#contracts/sources.ts";
import type { Tone } from "../../components/badge.tsx";

type Reason = ReconcileRow["reason"];

/** Why two figures differ, in two words; the row's own sentence says it in full. */
export const reasonLabels: Record<Reason, string> = {
  equal: "Equal",
  discounts: "Discounts",
  trial: "Trial",
  past_due: "Overdue",
  paused: "Paused",
  cancel_date: "Cancellation date",
  metered: "Metered use",
  tax: "Contained tax",
  day_boundary: "Month’s edge",
  rules: "Several rules",
  currency: "Currency",
  excluded: "Excluded here",
  inferred_history: "History",
  not_in_ours: "Not here",
  not_in_theirs: "Not in the file",
  unexplained: "Unexplained",
};

export const reasonTone = (reason: Reason): Tone =>
  reason === "unexplained"
    ? "negative"
    : reason === "equal"
      ? "positive"
      : reason === "not_in_ours" || reason === "not_in_theirs" || reason === "inferred_history"
        ? "warning"
        : "neutral";

export const isReason = (text: string): text is Reason => Object.hasOwn(reasonLabels, text);
