import { type HTMLAttributes, type KeyboardEvent, useId, useRef, useState } from "react";
import { formatDay } from "#charts/format-dates.ts";
import type { AnnotationMark } from "#contracts/widgets.ts";
import { markSentence, PointMark, usePointMarks } from "../comments/comment-mark.tsx";
import { restatedLines, useRestatedMonths } from "../restatements/restated-months.ts";
import { ChartTooltip, type TooltipRow } from "./chart-tooltip.tsx";
import { type CardTarget, useExplain, useFollow } from "./explain-scope.tsx";

export interface OverlayPeriod {
  period: string;
  title: string;
  rows: TooltipRow[];
  note: string | null;
  /** The number that the period leads to. */
  target?: CardTarget;
  /** What was noted in it (`markLines`). */
  marks?: readonly string[];
}

/** The notes of a period as lines of text. */
export const markLines = (marks: readonly AnnotationMark[] | undefined, period: string): string[] =>
  (marks ?? [])
    .filter((mark) => mark.period === period)
    .map(({ day, title }) => `${formatDay(day)}: ${title}`);

const keys: Record<string, (at: number, last: number) => number> = {
  ArrowRight: (at, last) => Math.min(last, at + 1),
  ArrowLeft: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * One column per period over a drawn chart: the pointer, a finger, or the arrow keys (one tab stop) show the exact values. In per
 * cent of the drawing's width, so that it fits at any size.
 */
export function PeriodOverlay({
  label,
  periods,
  left,
  right,
  bottom,
}: {
  label: string;
  periods: readonly OverlayPeriod[];
  /** Shares of the width (0…1) left free at the sides, and pixels below. */
  left: number;
  right: number;
  bottom: number;
}) {
  const last = periods.length - 1;
  const [active, setActive] = useState<number | null>(null);
  const [stop, setStop] = useState(last);
  const columns = useRef<HTMLDivElement>(null);
  const hint = useId();
  const months = useRestatedMonths();
  const restated = periods.map(({ period }) => restatedLines(months, period));
  const pointMarks = usePointMarks();
  const linesOf = (index: number) => {
    const discussed = pointMarks(pointOf(periods[index]?.target));
    return [
      ...(periods[index]?.marks ?? []),
      ...(restated[index] ?? []),
      ...(discussed.length > 0 ? [markSentence(discussed)] : []),
    ];
  };
  const shown = active === null ? null : periods[active];
  const scope = useExplain();
  const follow = useFollow(scope);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") setActive(null);
    const to = keys[event.key]?.(active ?? stop, last);
    if (to === undefined) return;
    event.preventDefault();
    setStop(to);
    columns.current?.querySelectorAll<HTMLElement>("[data-point]")[to]?.focus();
  };

  const middle = active === null ? 0 : (active + 0.5) / periods.length;
  const span = 1 - left - right;
  return (
    <>
      <span id={hint} className="sr-only">
        Arrow keys move between periods.
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div
        ref={columns}
        role="group"
        aria-label={label}
        aria-describedby={hint}
        className="absolute top-0 flex"
        style={{ left: `${left * 100}%`, right: `${right * 100}%`, bottom }}
        onKeyDown={onKeyDown}
        onPointerLeave={() => setActive(null)}
      >
        {periods.map((period, index) => (
          <Column
            key={period.period}
            period={period.period}
            href={scope && period.target ? scope.link(period.target) : null}
            follow={follow}
            target={period.target}
            shown={(period.rows.find(({ strong }) => strong) ?? period.rows[0])?.value ?? ""}
            tabIndex={index === stop ? 0 : -1}
            aria-label={`${period.title}: ${period.rows.map(({ name, value }) => `${name} ${value}`).join(", ")}${[period.note, ...linesOf(index)].map((text) => (text ? `. ${text}` : "")).join("")}`}
            onPointerMove={() => setActive(index)}
            onPress={() => setActive(index)}
            onFocus={() => {
              setActive(index);
              setStop(index);
            }}
            onBlur={() => setActive(null)}
          />
        ))}
      </div>
      {shown && active !== null ? (
        <ChartTooltip
          title={shown.title}
          rows={shown.rows}
          note={shown.note}
          marks={linesOf(active)}
          isLink={scope !== null && shown.target !== undefined}
          className="top-1"
          style={
            middle > 0.5
              ? { right: `calc(${(1 - left - span * middle) * 100}% + ${50 / periods.length}% )` }
              : { left: `calc(${(left + span * middle) * 100}% + ${50 / periods.length}%)` }
          }
        />
      ) : null}
    </>
  );
}

/** Of the numbers that a card can explain, those of a period can be discussed. */
const pointOf = (target: CardTarget | undefined) => (target && "period" in target ? target : undefined);

/** One period: a link to its explanation where it has one, else a button that shows its values. */
function Column({
  period,
  href,
  follow,
  target,
  shown,
  onPress,
  ...rest
}: HTMLAttributes<HTMLElement> & {
  period: string;
  href: string | null;
  follow: ReturnType<typeof useFollow>;
  target: CardTarget | undefined;
  /** The value that it is about. */
  shown: string;
  onPress: () => void;
}) {
  const look = "relative h-full min-w-0 flex-1 rounded-sm hover:bg-ink/5 focus-visible:bg-ink/5";
  if (href === null)
    return (
      <button
        {...rest}
        type="button"
        data-point={period}
        className={`cursor-default ${look}`}
        onPointerDown={onPress}
      />
    );
  return (
    <a
      {...rest}
      href={href}
      data-point={period}
      data-of={target?.metric}
      data-shown={shown}
      className={look}
      onPointerDown={(event) => {
        follow.onPointerDown(event, event.currentTarget);
        onPress();
      }}
      onClick={(event) => follow.onClick(event, event.currentTarget, href)}
    >
      <PointMark target={pointOf(target)} />
    </a>
  );
}
