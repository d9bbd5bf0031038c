import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useRef,
  useState,
} from "react";
import { formatCount, formatMoney, formatPercent } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import { type HeatScale, heatScale, heatStep } from "#charts/heat.ts";
import { cssPalette } from "#charts/palette.ts";
import { cohortBasisNames, heatText } from "#charts/widget-words.ts";
import { cellKey } from "#contracts/comment-anchors.ts";
import type { CohortHeatmapView } from "#contracts/widgets.ts";
import { cx } from "../../components/class-names.ts";
import { useMarks } from "../comments/comment-context.ts";
import { CellMark, markSentence } from "../comments/comment-mark.tsx";
import type { MarkMap } from "../comments/comment-store.ts";
import { ChartTooltip } from "../widgets/chart-tooltip.tsx";
import { useExplain, useFollow } from "../widgets/explain-scope.tsx";

interface Place {
  row: number;
  column: number;
  /** Pixels from the frame's top left corner. */
  x: number;
  y: number;
}

const arrows: Record<string, [rows: number, columns: number]> = {
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
};

/**
 * The cohort heatmap as a real table: cohorts down, periods since across. Cells are one tab stop, arrow keys move between them; a
 * running cell is hatched, one that is not yet observed is empty.
 * @param height that the table may take; beyond it, it scrolls. Null: as high as it is.
 */
export function CohortTable({
  title,
  view,
  height,
}: {
  title: string;
  view: CohortHeatmapView;
  height: number | null;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const scale = heatScale(view);
  const columns = Math.max(1, ...view.cohorts.map(({ cells }) => cells.length));

  const show = (target: EventTarget) => {
    const cell = target instanceof Element ? target.closest<HTMLElement>("td[data-cohort]") : null;
    const box = frame.current?.getBoundingClientRect();
    if (!cell || !box) return setPlace(null);
    const at = cell.getBoundingClientRect();
    setPlace({
      row: Number(cell.dataset.row),
      column: Number(cell.dataset.period),
      x: at.left - box.left + at.width / 2,
      y: at.bottom - box.top + 6,
    });
  };
  const marks = useMarks();
  const scope = useExplain();
  const follow = useFollow(scope);
  const cellOf = (target: EventTarget): HTMLElement | null =>
    target instanceof Element ? target.closest<HTMLElement>("td[data-cohort]") : null;
  const hrefOf = (cell: HTMLElement): string | null => cell.querySelector("a")?.getAttribute("href") ?? null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") return setPlace(null);
    const target = cellOf(event.target);
    const href = target && hrefOf(target);
    if (event.key === "Enter" && href && scope) return scope.go(href);
    const move = arrows[event.key];
    const cell =
      event.target instanceof Element ? event.target.closest<HTMLElement>("td[data-cohort]") : null;
    if (!move || !cell) return;
    event.preventDefault();
    const [row, column] = [Number(cell.dataset.row) + move[0], Number(cell.dataset.period) + move[1]];
    frame.current?.querySelector<HTMLElement>(`td[data-row="${row}"][data-period="${column}"]`)?.focus();
  };

  return (
    <div ref={frame} className="relative">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the cells below are what one reaches; their events end here */}
      <div
        className="relative overflow-auto overscroll-x-contain"
        style={height === null ? undefined : { maxHeight: height }}
        onPointerOver={(event: PointerEvent) => show(event.target)}
        onPointerLeave={() => setPlace(null)}
        onFocus={(event: FocusEvent) => show(event.target)}
        onBlur={() => setPlace(null)}
        onScroll={() => setPlace(null)}
        onPointerDown={(event: PointerEvent) => {
          const cell = cellOf(event.target);
          if (cell) follow.onPointerDown(event, cell);
        }}
        onClick={(event: MouseEvent) => {
          const cell = cellOf(event.target);
          if (cell) follow.onClick(event, cell, hrefOf(cell));
        }}
        onKeyDown={onKeyDown}
      >
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells can be moved through
          role="grid"
          data-basis={view.basis}
          data-measure={view.measure}
          aria-readonly="true"
          className="w-full border-separate border-spacing-0.5 text-xs"
          style={{ minWidth: 118 + columns * 36 }}
        >
          <caption className="sr-only">
            {title}. Rows are cohorts by {cohortBasisNames[view.basis].toLowerCase()}, columns {view.grain}s
            since, in per cent.
          </caption>
          <thead>
            <tr className="text-ink-3">
              <th scope="col" className="sticky top-0 left-0 z-20 w-18 bg-surface text-left font-normal">
                Cohort
              </th>
              <th scope="col" className="sticky top-0 z-10 w-10 bg-surface pr-2 text-right font-normal">
                Size
              </th>
              {Array.from({ length: columns }, (_, k) => (
                <th
                  key={k}
                  scope="col"
                  className="sticky top-0 z-10 h-6 bg-surface font-normal shadow-[0_0_0_2px_var(--surface)]"
                >
                  {k}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.cohorts.map((cohort, row) => (
              <tr key={cohort.cohort}>
                <th
                  scope="row"
                  className="sticky left-0 z-10 bg-surface text-left font-normal whitespace-nowrap text-ink-2"
                >
                  {formatPeriod(cohort.cohort)}
                </th>
                <td className="tabular pr-2 text-right text-ink-3">{formatCount(cohort.size)}</td>
                {Array.from({ length: columns }, (_, k) => (
                  <HeatCell
                    key={k}
                    cohort={cohort}
                    row={row}
                    period={k}
                    scale={scale}
                    stop={row === 0 && k === 0}
                    roomy={height === null}
                    href={
                      cohort.cells[k] && view.grain !== "day" && scope
                        ? scope.link({
                            ...{ metric: "cohort", cohort: cohort.cohort, k, grain: view.grain },
                            ...{ basis: view.basis, measure: view.measure },
                          })
                        : null
                    }
                    isOn={place?.row === row && place.column === k}
                    mark={
                      marks.size > 0 ? (
                        <CellMark
                          marks={marks}
                          cohort={cohort.cohort}
                          period={k}
                          basis={view.basis}
                          measure={view.measure}
                        />
                      ) : null
                    }
                  />
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr className="font-semibold">
              <th
                scope="row"
                colSpan={2}
                className="sticky bottom-0 left-0 z-20 bg-surface text-left font-semibold"
              >
                Average
              </th>
              {Array.from({ length: columns }, (_, k) => (
                <td
                  key={k}
                  className="tabular sticky bottom-0 z-10 h-6 bg-surface text-center shadow-[0_0_0_2px_var(--surface)]"
                >
                  {view.average[k] ? heatText(view.average[k].rate) : ""}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      {place ? (
        <CellTooltip
          view={view}
          place={place}
          width={frame.current?.clientWidth ?? 0}
          marks={marks}
          isLink={scope !== null}
        />
      ) : null}
    </div>
  );
}

function HeatCell({
  cohort,
  row,
  period,
  scale,
  stop,
  roomy,
  href,
  isOn,
  mark,
}: {
  cohort: CohortHeatmapView["cohorts"][number];
  row: number;
  period: number;
  scale: HeatScale;
  stop: boolean;
  /** Higher cells, where the page has nothing else to show. */
  roomy: boolean;
  /** Where the cell is explained. */
  href: string | null;
  isOn: boolean;
  /** That it is discussed. */
  mark: ReactNode;
}) {
  const cell = cohort.cells[period];
  if (!cell) return <td />;
  const heat = cell.rate === null ? undefined : cssPalette.heat[heatStep(cell.rate, scale)];
  return (
    <td
      data-cohort={cohort.cohort}
      data-period={period}
      data-row={row}
      data-value={String(cell.value)}
      data-shown={formatPercent(cell.rate)}
      tabIndex={stop ? 0 : -1}
      className={cx(
        "tabular relative rounded-[3px] text-center outline-offset-0",
        roomy ? "h-7.5" : "h-5.5",
        !cell.complete && "running",
        isOn && "outline-2 outline-ink",
      )}
      style={
        heat && {
          backgroundColor: cell.complete ? heat.fill : heat.running,
          color: cell.complete ? heat.ink : heat.runningInk,
        }
      }
    >
      {href === null ? (
        heatText(cell.rate)
      ) : (
        <a href={href} tabIndex={-1} className="grid h-full place-items-center text-inherit">
          {heatText(cell.rate)}
        </a>
      )}
      {mark}
    </td>
  );
}

function CellTooltip({
  view,
  place,
  width,
  marks,
  isLink,
}: {
  view: CohortHeatmapView;
  place: Place;
  width: number;
  marks: MarkMap;
  isLink: boolean;
}) {
  const cohort = view.cohorts[place.row];
  const cell = cohort?.cells[place.column];
  if (!cohort || !cell) return null;
  const { basis, measure } = view;
  const discussed = marks.get(cellKey({ basis, measure, cohort: cohort.cohort, period: place.column }));
  const isMoney = view.measure !== "customers";
  const amount = isMoney ? formatMoney(String(cell.value), view.currency) : formatCount(Number(cell.value));
  const whole = isMoney ? formatMoney(cohort.initial, view.currency) : formatCount(cohort.size);
  return (
    <ChartTooltip
      title={`${formatPeriod(cohort.cohort)} · ${view.grain} ${place.column}`}
      note={cell.complete ? null : `This ${view.grain} still runs.`}
      isLink={isLink}
      marks={discussed ? [markSentence(discussed)] : []}
      rows={[
        {
          name: isMoney ? "MRR" : view.basis === "first_activity" ? "Active" : "Paying",
          value: amount,
          strong: true,
        },
        { name: isMoney ? "First MRR" : "Cohort", value: whole },
        { name: "Share", value: formatPercent(cell.rate) },
      ]}
      style={{ top: place.y, ...(place.x > width / 2 ? { right: width - place.x } : { left: place.x }) }}
    />
  );
}
