import type { Confidence } from "#contracts/source-facts.ts";

export const confidenceWords: Record<Confidence, { label: string; meaning: string }> = {
  exact: { label: "Exact", meaning: "The billing system said so itself." },
  invoice: { label: "From invoices", meaning: "Read from what was invoiced at the time." },
  inferred: {
    label: "Inferred",
    meaning: "Nothing from that time says: what is known from later is taken to have held before as well.",
  },
};
