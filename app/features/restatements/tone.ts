/** How a change of MRR is coloured; beside the sign, never instead of it. */
export const toneOf = (change: string | null): string =>
  change === null ? "text-ink-2" : change.startsWith("-") ? "text-negative" : "text-positive";
