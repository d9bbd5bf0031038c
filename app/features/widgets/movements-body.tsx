import { useRef, useState } from "react";
import { formatMoney } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import { movementNames } from "#charts/movement-names.ts";
import { MovementsChart } from "#charts/movements-chart.tsx";
import { movementPartsOf, movementsFrame } from "#charts/movements-frame.ts";
import { cssPalette } from "#charts/palette.ts";
import { textWidth } from "#charts/text-width.ts";
import { reasonWords } from "#charts/widget-words.ts";
import type { MovementPart } from "#contracts/widgets.ts";
import { cx } from "../../components/class-names.ts";
import type { BodyProps } from "./body.ts";
import { markLines, PeriodOverlay } from "./period-overlay.tsx";
import { useWidth } from "./use-size.ts";

const legendRow = 24;
/** Swatch, padding and gap of an entry beside its text. */
const legendExtra = 34;

function legendHeight(parts: readonly MovementPart[], width: number): number {
  const needed = parts.reduce((sum, part) => sum + textWidth(movementNames[part], 12) + legendExtra, 0);
  return Math.ceil(needed / width) * legendRow + 4;
}

export function MovementsBody({ title, view, size }: BodyProps<"movements">) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place, size);
  const [hidden, setHidden] = useState<readonly MovementPart[]>([]);
  const legend = legendHeight(movementPartsOf(view), width);
  const chart = { width, height: Math.max(120, size.height - legend) };
  const { allParts, parts, margin } = movementsFrame(view, chart, hidden);
  const toggle = (part: MovementPart) =>
    setHidden((now) => (now.includes(part) ? now.filter((one) => one !== part) : [...now, part]));
  const money = (amount: string | null) => formatMoney(amount, view.currency, { signed: true });

  return (
    <div ref={place}>
      <ul
        className="flex flex-wrap content-start items-start gap-x-1 overflow-hidden text-xs text-ink-2"
        style={{ height: legend }}
        aria-label="Legend"
      >
        {allParts.map((part) => (
          <li key={part}>
            <button
              type="button"
              aria-pressed={!hidden.includes(part)}
              onClick={() => toggle(part)}
              className={cx(
                "-ml-1 flex h-6 items-center gap-1.5 rounded-md px-1.5 hover:bg-hover",
                hidden.includes(part) && "text-ink-3 line-through",
              )}
            >
              <span
                className="size-2.5 rounded-[3px]"
                style={{
                  background: hidden.includes(part) ? "var(--line-strong)" : cssPalette.movements[part],
                }}
              />
              {movementNames[part]}
            </button>
          </li>
        ))}
        {view.points.some(({ complete }) => !complete) ? (
          <li className="ml-auto hidden h-6 items-center gap-1.5 text-ink-3 sm:flex">
            <span className="running size-2.5 rounded-[3px] border border-line-strong" aria-hidden="true" />
            {view.grain} still running
          </li>
        ) : null}
      </ul>
      <div className="relative">
        <MovementsChart title={title} view={view} size={chart} palette={cssPalette} hidden={hidden} />
        <PeriodOverlay
          label={title}
          left={margin.left / chart.width}
          right={margin.right / chart.width}
          bottom={margin.bottom}
          periods={view.points.map((point) => ({
            period: point.period,
            target: { metric: "net_new_mrr", period: point.period },
            title: formatPeriod(point.period, "long"),
            marks: markLines(view.annotations, point.period),
            note: point.reason
              ? reasonWords[point.reason]
              : point.complete
                ? null
                : `This ${view.grain} still runs.`,
            rows: [
              ...parts.map((part) => ({
                name: movementNames[part],
                value: money(point.parts[part]),
                color: cssPalette.movements[part],
              })),
              ...(hidden.length === 0
                ? [{ name: "Net new MRR", value: money(point.net), strong: true }]
                : []),
            ],
          }))}
        />
      </div>
    </div>
  );
}
