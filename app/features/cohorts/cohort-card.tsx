import { formatPercent } from "#charts/format.ts";
import { heatScale } from "#charts/heat.ts";
import { cssPalette } from "#charts/palette.ts";
import type { PlacedWidget } from "#contracts/widgets.ts";
import { ExplainProvider } from "../widgets/explain-scope.tsx";
import { WidgetMenu } from "../widgets/widget-menu.tsx";
import { CohortTable } from "./cohort-table.tsx";
import "../dashboard/grid.css";

/** The heatmap at full width and full height, with a scale that says what the colours mean. */
export function CohortCard({ widget, note }: { widget: PlacedWidget; note: string }) {
  const { id, title, subtitle, policy, state } = widget;
  const view = state.kind === "ready" && state.view.type === "cohort_heatmap" ? state.view : null;
  return (
    <section
      data-widget={id}
      aria-label={title}
      className="group/card relative min-w-0 rounded-xl border border-line bg-surface px-4 pb-4"
    >
      <header className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1.5 py-3 pr-8">
        <h2 className="text-base font-semibold">{title}</h2>
        <p className="min-w-0 text-sm text-ink-3">{subtitle}</p>
        {view ? <HeatLegend view={view} /> : null}
      </header>
      {view ? (
        <ExplainProvider scope={widget.scope}>
          <CohortTable title={title} view={view} height={null} />
          <WidgetMenu
            widget={{ id, title, subtitle, policy, view }}
            size={{ width: 1100, height: 400 }}
            note={note}
            className="top-3 right-3"
          />
        </ExplainProvider>
      ) : (
        <p className="py-16 text-center text-sm text-ink-3">
          {state.kind === "ready" ? null : state.message}
        </p>
      )}
    </section>
  );
}

function HeatLegend({ view }: { view: Parameters<typeof CohortTable>[0]["view"] }) {
  const { low, high } = heatScale(view);
  const digits = { digits: 0 };
  return (
    <div className="ml-auto hidden items-center gap-2 text-xs text-ink-3 md:flex">
      <span className="tabular">{formatPercent(low, digits)}</span>
      <span className="flex overflow-hidden rounded-sm" aria-hidden="true">
        {cssPalette.heat.map(({ fill }) => (
          <span key={fill} className="h-2.5 w-4" style={{ background: fill }} />
        ))}
      </span>
      <span className="tabular">{formatPercent(high, digits)}</span>
      <span className="running ml-2 size-2.5 rounded-[3px] border border-line-strong" aria-hidden="true" />
      {view.grain} still running
    </div>
  );
}
