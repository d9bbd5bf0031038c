import { cx } from "../../components/class-names.ts";
import { type LiveState, useLiveState } from "../../lib/live-state.ts";

const words: Record<Exclude<LiveState, "off">, { label: string; dot: string }> = {
  connecting: { label: "Not connected yet: the page looks again every minute", dot: "bg-line-control" },
  live: { label: "Live: numbers change here as soon as the data does", dot: "bg-positive" },
  lost: { label: "Not connected: numbers may be old. Trying again", dot: "bg-warning" },
};

/** Whether the page follows the data: a dot, with words only where it does not. Its place is kept from the start. */
export function LiveMark() {
  const state = useLiveState();
  const { label, dot } = state === "off" ? { label: "", dot: "" } : words[state];
  return (
    <span
      title={label}
      data-live={state}
      className="flex h-6 min-w-2 items-center gap-1.5 text-xs text-ink-3"
    >
      <span aria-hidden="true" className={cx("size-2 rounded-full", dot)} />
      <span className={state === "lost" ? "max-sm:sr-only" : "sr-only"}>
        {state === "lost" ? "Reconnecting…" : label}
      </span>
    </span>
  );
}
