import { cx } from "./class-names.ts";

/** How far something is: `value` of `max`, or a moving bar while the end is not known. */
export function Progress({
  label,
  value,
  max,
  text,
  tone = "accent",
}: {
  /** Names the bar for screen readers. */
  label: string;
  value: number | null;
  max: number | null;
  /** The same in words, e.g. "1,200 of 4,000 rows". */
  text?: string;
  tone?: "accent" | "positive";
}) {
  const share = value !== null && max !== null && max > 0 ? Math.min(1, value / max) : null;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
      aria-valuetext={text}
      className="h-1.5 overflow-hidden rounded-full bg-hover"
    >
      <div
        className={cx(
          "h-full rounded-full",
          tone === "accent" ? "bg-accent-fill" : "bg-positive",
          share === null ? "w-2/5 animate-sweep" : "transition-[width] duration-200 ease-linear",
        )}
        style={share === null ? undefined : { width: `${share * 100}%` }}
      />
    </div>
  );
}
