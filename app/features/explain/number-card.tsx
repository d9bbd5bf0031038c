import { filterValueName } from "#charts/filter-words.ts";
import { formatDay } from "#charts/format-dates.ts";
import { reasonWords } from "#charts/widget-words.ts";
import type { ExplainOutput } from "#contracts/explain.ts";
import { Badge } from "../../components/badge.tsx";
import { Card } from "../../components/card.tsx";
import { explainNumber, explainScope } from "./explain-words.ts";

export interface NamedFilter {
  label: string;
  values: string[];
}

/** The number itself: how much, of what, when, under which filters. */
export function NumberCard({ answer, filters }: { answer: ExplainOutput; filters: readonly NamedFilter[] }) {
  const { main, beside } = explainNumber(answer);
  const { metric, value, reason, complete, definition, cohort, composition } = answer;
  const isMetric = !cohort && !composition;
  return (
    <Card>
      <div className="grid gap-x-10 gap-y-3 md:grid-cols-[auto_minmax(0,1fr)]">
        <div className="grid content-start gap-1">
          <p className="flex items-center gap-2 text-sm text-ink-2">
            {answer.label}
            {complete ? null : (
              <Badge tone="warning">{reason === "no_data" ? "not observed" : "still running"}</Badge>
            )}
          </p>
          <p className="flex flex-wrap items-baseline gap-x-3">
            <span
              {...(isMetric && { "data-metric": metric, "data-value": value === null ? "" : String(value) })}
              {...(cohort && { "data-value": value === null ? "" : String(value) })}
              className="kpi-value tabular text-3xl font-semibold tracking-tight whitespace-nowrap"
            >
              {main}
            </span>
            {beside ? <span className="tabular text-sm text-ink-2">{beside}</span> : null}
          </p>
          {reason ? <p className="text-sm text-ink-3">{reasonWords[reason]}</p> : null}
        </div>
        <div className="grid content-start gap-2 text-sm md:border-l md:border-line md:pl-10">
          <p className="max-w-prose text-ink-2">{definition}</p>
          <p className="text-ink-3">
            {explainScope(answer)} · as of <span className="tabular">{formatDay(answer.as_of)}</span>
          </p>
          {filters.length > 0 ? (
            <p className="flex flex-wrap gap-x-4 gap-y-1 text-ink-3">
              {filters.map(({ label, values }) => (
                <span key={label}>
                  {label} <span className="font-medium text-ink">{values.join(", ")}</span>
                </span>
              ))}
            </p>
          ) : null}
        </div>
      </div>
    </Card>
  );
}

/** The filters in the reader's words: segments by their names. */
export const namedFilters = (
  filter: Readonly<Record<string, readonly string[]>>,
  names: { labels: Readonly<Record<string, string>>; segments: Readonly<Record<string, string>> },
): NamedFilter[] =>
  Object.entries(filter).map(([key, values]) => ({
    label: names.labels[key] ?? key.replace(/^attr\./, ""),
    values: values.map((value) =>
      key === "segment"
        ? // a widget's segment beside the page's: both at once
          value
            .split(".")
            .map((id) => names.segments[id] ?? "Deleted segment")
            .join(" and ")
        : filterValueName(key, value),
    ),
  }));
