import { Check, CloudOff, Eye, LoaderCircle } from "lucide-react";
import { cx } from "../../components/class-names.ts";
import type { SessionState } from "../editor/session.ts";

const marks = {
  saved: { icon: Check, text: "Saved", tone: "text-ink-3" },
  saving: { icon: LoaderCircle, text: "Saving…", tone: "text-ink-3" },
  offline: { icon: CloudOff, text: "Offline", tone: "text-warning" },
  reading: { icon: Eye, text: "View only", tone: "text-ink-3" },
} as const;

/** Whether what one sees is stored for good: always there while the dashboard is open. */
export function SaveMark({ state }: { state: SessionState }) {
  if (state.ended) return null;
  const { icon: Icon, text, tone } = marks[state.save];
  const unsent = state.save === "offline" && state.isUnsaved;
  return (
    <span
      role="status"
      data-save={state.save}
      data-unsaved={state.isUnsaved}
      title={
        state.save === "offline"
          ? "No connection. What you edit is kept in this browser and merged when it is back."
          : undefined
      }
      className={cx("flex items-center gap-1.5 text-sm whitespace-nowrap", tone)}
    >
      <Icon
        aria-hidden="true"
        className={cx("size-3.5", state.save === "saving" && "animate-spin motion-reduce:animate-none")}
      />
      {unsent ? "Offline, edits kept here" : text}
    </span>
  );
}
