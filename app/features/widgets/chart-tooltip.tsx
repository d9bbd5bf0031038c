import type { ReactNode } from "react";
import { cx } from "../../components/class-names.ts";
import { useCan } from "../../lib/me.ts";
import { useComments } from "../comments/comment-context.ts";

export interface TooltipRow {
  name: string;
  value: string;
  color?: string;
  strong?: boolean;
}

/** What a chart says about the place that the pointer or the keyboard is on: exact values, as plain text. */
export const ChartTooltip = ({
  title,
  note,
  rows,
  marks = [],
  isLink,
  className,
  style,
}: {
  title: ReactNode;
  note?: string | null;
  /** What was noted here, one line each. */
  marks?: readonly string[] | undefined;
  /** A click leads to the explanation. */
  isLink?: boolean;
  rows: readonly TooltipRow[];
  className?: string;
  style?: React.CSSProperties;
}) => (
  <div
    aria-hidden="true"
    className={cx(
      "pointer-events-none absolute z-30 w-max max-w-72 rounded-lg border border-line bg-overlay px-3 py-2 text-xs text-ink-2 shadow-pop animate-fade",
      className,
    )}
    style={style}
  >
    <p className="mb-1 font-semibold text-ink">{title}</p>
    <dl className="grid grid-cols-[1fr_auto] gap-x-5 gap-y-0.5">
      {rows.map((row) => (
        <div
          key={row.name}
          className={cx("col-span-2 grid grid-cols-subgrid", row.strong && "font-semibold text-ink")}
        >
          <dt className="flex items-center gap-1.5">
            {row.color ? <span className="size-2 rounded-[2.5px]" style={{ background: row.color }} /> : null}
            {row.name}
          </dt>
          <dd className="tabular text-right text-ink">{row.value}</dd>
        </div>
      ))}
    </dl>
    {marks.length > 0 ? (
      <ul className="mt-1.5 grid gap-0.5 border-t border-line pt-1.5">
        {marks.slice(0, 4).map((mark) => (
          <li key={mark} className="text-ink">
            {mark}
          </li>
        ))}
        {marks.length > 4 ? <li className="text-ink-3">and {marks.length - 4} more</li> : null}
      </ul>
    ) : null}
    {note ? <p className="mt-1 text-ink-3">{note}</p> : null}
    {isLink ? (
      <p className="mt-1 text-ink-3">
        <span className="pointer-coarse:hidden">
          Click to explain
          <CommentKey />
        </span>
        <span className="hidden pointer-coarse:inline">Tap again to explain</span>
      </p>
    ) : null}
  </div>
);

/** The key that begins a thread, where there can be threads. */
function CommentKey() {
  const mayComment = useCan("comment.write");
  return useComments() && mayComment ? <> · C to comment</> : null;
}
