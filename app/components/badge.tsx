import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

export type Tone = "neutral" | "accent" | "positive" | "warning" | "negative";

const tones: Record<Tone, string> = {
  neutral: "bg-sunken text-ink-2",
  accent: "bg-accent-soft text-accent",
  positive: "bg-positive-soft text-positive",
  warning: "bg-warning-soft text-warning",
  negative: "bg-negative-soft text-negative",
};

export const Badge = ({
  tone = "neutral",
  children,
  dot,
}: {
  tone?: Tone;
  children: ReactNode;
  /** A dot before the words; `pulse` while something runs. */
  dot?: boolean;
}) => (
  <span
    className={cx(
      "inline-flex h-5 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap",
      tones[tone],
    )}
  >
    {dot ? <span className="size-1.5 rounded-full bg-current" aria-hidden="true" /> : null}
    {children}
  </span>
);
