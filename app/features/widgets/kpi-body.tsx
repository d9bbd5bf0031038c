import { formatDay, formatPeriod } from "#charts/format-dates.ts";
import { arrows, isKpiChanged, kpiChangeSentence, kpiChangeText, kpiValueText } from "#charts/kpi-words.ts";
import { cssPalette } from "#charts/palette.ts";
import { Sparkline } from "#charts/sparkline.tsx";
import { reasonWords } from "#charts/widget-words.ts";
import { cx } from "../../components/class-names.ts";
import { Tooltip } from "../../components/tooltip.tsx";
import { RestatedMark } from "../restatements/restated-mark.tsx";
import { restatedLines, useRestatedMonths } from "../restatements/restated-months.ts";
import { type BodyProps, lowBody } from "./body.ts";
import { ExplainNumber } from "./explain-scope.tsx";

/** A card that holds a number: what it is called (and means), the value, the change, the course. */
export function KpiBody({ title, view, size }: BodyProps<"kpi">) {
  const { point } = view;
  const good = isKpiChanged(view) ? view.comparison?.good : null;
  const tone = good === true ? "text-positive" : good === false ? "text-negative" : "text-ink-3";
  const flat = size.height < lowBody;
  return (
    <div className={cx("kpi-card flex h-full", flat ? "items-center gap-3" : "flex-col")}>
      <div className={cx(flat && "min-w-0 flex-1")}>
        <h2 className="text-sm text-ink-2">
          <Tooltip content={<Definition view={view} />}>
            <button
              type="button"
              className="-my-0.5 inline-block max-w-full min-w-6 cursor-help truncate rounded-sm py-0.5 text-left align-middle decoration-line-control decoration-dotted underline-offset-4 hover:underline"
            >
              {title}
            </button>
          </Tooltip>
        </h2>
        <div className={cx("flex items-baseline gap-2.5", !flat && "mt-0.5")}>
          <ExplainNumber target={{ metric: view.metric, period: point.period }} name={view.name}>
            <span
              data-metric={view.metric}
              data-value={point.value === null ? "" : String(point.value)}
              className={cx(
                "tabular leading-8 font-semibold tracking-tight whitespace-nowrap",
                flat ? "text-xl" : "kpi-value",
              )}
            >
              {kpiValueText(view, point.value)}
            </span>
          </ExplainNumber>
          {flat ? <Change view={view} tone={tone} /> : null}
        </div>
        {flat ? null : <Change view={view} tone={tone} />}
      </div>
      {view.compared ? (
        <Compared view={view} compared={view.compared} flat={flat} />
      ) : (
        <div className={cx(flat ? "w-[30%] shrink-0" : "mt-auto")}>
          <Sparkline
            points={view.points}
            size={{ width: 160, height: flat ? 34 : 20 }}
            palette={cssPalette}
          />
        </div>
      )}
    </div>
  );
}

/** The same number of the segment that the page is compared with, in the place of the course. */
const Compared = ({
  view,
  compared: { segment, point },
  flat,
}: {
  view: BodyProps<"kpi">["view"];
  compared: NonNullable<BodyProps<"kpi">["view"]["compared"]>;
  flat: boolean;
}) => (
  <p
    data-compared={segment.id}
    title={segment.name}
    className={cx(
      "text-xs text-ink-2",
      flat ? "w-[40%] shrink-0 text-right" : "mt-auto flex items-baseline gap-2 border-t border-line pt-1",
    )}
  >
    <span className={cx("min-w-0 truncate", flat ? "block" : "flex-1")}>{segment.name}</span>
    <span className="tabular font-semibold text-ink">{kpiValueText(view, point.value)}</span>
  </p>
);

function Change({ view, tone }: { view: BodyProps<"kpi">["view"]; tone: string }) {
  const { comparison, point } = view;
  if (point.value === null && point.reason)
    return (
      <p className="truncate text-xs text-ink-3" title={reasonWords[point.reason]}>
        {reasonWords[point.reason]}
      </p>
    );
  if (!comparison) return <p className="text-xs text-ink-3">{formatPeriod(point.period)}</p>;
  return (
    <p className="truncate text-xs text-ink-3">
      <span aria-hidden="true">
        <span className={cx("tabular font-medium", tone)}>
          {isKpiChanged(view) ? `${arrows[comparison.direction]} ${kpiChangeText(view)}` : "no change"}
        </span>{" "}
        vs {formatPeriod(comparison.period, "short")}
      </span>
      <span className="sr-only">{kpiChangeSentence(view)}</span>
      <Restated periods={[comparison.period, point.period]} />
    </p>
  );
}

/** A footnote where what the card compares was restated lately. */
function Restated({ periods }: { periods: readonly string[] }) {
  const months = useRestatedMonths();
  const lines = periods.flatMap((period) =>
    restatedLines(months, period).map((line) => `${formatPeriod(period)}: ${line}.`),
  );
  if (lines.length === 0) return null;
  return (
    <span title={lines.join(" ")} data-restated={lines.length} className="ml-1.5 whitespace-nowrap">
      <RestatedMark className="mr-0.5 mb-px" /> <span className="sr-only">{lines.join(" ")}</span>
    </span>
  );
}

const Definition = ({ view }: { view: BodyProps<"kpi">["view"] }) => (
  <span className="grid gap-1">
    <strong className="text-ink">{view.name}</strong>
    <span>{view.definition}</span>
    <span>
      <span className="font-medium text-ink">{view.policy.title}:</span> {view.policy.rules.join(" ")}
    </span>
    <span className="text-ink-3">
      {view.asOf
        ? `${formatPeriod(view.point.period, "long")} so far, as of ${formatDay(view.asOf)}.`
        : `${formatPeriod(view.point.period, "long")}, the whole ${view.grain}.`}
    </span>
  </span>
);
