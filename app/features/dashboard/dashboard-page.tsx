import { useNavigation } from "@remix-run/react";
import { LayoutDashboard } from "lucide-react";
import { grains } from "#metrics/period.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { RestatedProvider } from "../restatements/restated-provider.tsx";
import { PageBody, TopBar } from "../shell/top-bar.tsx";
import { AnnotationList } from "./annotation-list.tsx";
import { FilterBar } from "./filter-bar.tsx";
import type { DashboardData } from "./load-dashboard.server.ts";
import { NoNumbersYet } from "./no-numbers-yet.tsx";
import { factsText, PageFacts } from "./page-facts.tsx";
import { WidgetGrid } from "./widget-grid.tsx";

export function DashboardPage({ data }: { data: DashboardData }) {
  const { dashboard, widgets, filters, scope, options, facts, restated, gridWidth, isEmpty } = data;
  const { annotations } = data;
  const busy = useNavigation().state === "loading";
  const asOf = scope.asOf ?? scope.today;
  return (
    <>
      <TopBar title={dashboard?.title ?? "Dashboard"} />
      <PageBody>
        {isEmpty ? (
          <NoNumbersYet />
        ) : (
          <div className="grid grid-cols-1 gap-4">
            <FilterBar
              filters={filters}
              scope={scope}
              options={options}
              grains={grains}
              comparable={scope.segments}
            >
              <PageFacts facts={facts} asOf={asOf} restated={restated} />
            </FilterBar>
            {widgets.length === 0 ? (
              <EmptyState icon={<LayoutDashboard />} title="This dashboard has no widgets yet">
                Everything that is on it will be here.
              </EmptyState>
            ) : (
              <RestatedProvider restated={restated}>
                <WidgetGrid
                  key={dashboard?.id}
                  widgets={widgets}
                  gridWidth={gridWidth}
                  note={factsText(facts, asOf)}
                  busy={busy}
                />
              </RestatedProvider>
            )}
            <AnnotationList annotations={annotations} />
          </div>
        )}
      </PageBody>
    </>
  );
}
