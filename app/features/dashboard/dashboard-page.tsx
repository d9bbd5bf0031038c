import { useNavigation } from "@remix-run/react";
import { grains } from "#metrics/period.ts";
import { CommentsButton } from "../comments/comments-button.tsx";
import { RatesMissing } from "../imports/rates-missing.tsx";
import { RestatedProvider } from "../restatements/restated-provider.tsx";
import { PageBody, TopBar } from "../shell/top-bar.tsx";
import { AllBesideFilesCallout } from "../sources/beside-files-callout.tsx";
import { AnnotationList } from "./annotation-list.tsx";
import { DashboardBody } from "./dashboard-body.tsx";
import { DashboardActions, DashboardStatus } from "./dashboard-status.tsx";
import { DashboardTitle } from "./dashboard-title.tsx";
import { FilterBar } from "./filter-bar.tsx";
import type { DashboardData } from "./load-dashboard.server.ts";
import { NoNumbersYet } from "./no-numbers-yet.tsx";
import { NumbersToCome } from "./numbers-to-come.tsx";
import { factsText, PageFacts } from "./page-facts.tsx";
import { SavedFilters } from "./saved-filters.tsx";
import { useEditing } from "./use-editing.ts";

export function DashboardPage({ data }: { data: DashboardData }) {
  const { dashboard, dashboards, filters, scope, options, facts, restated, isEmpty } = data;
  const { annotations, beside } = data;
  const editing = useEditing(dashboard?.id ?? null);
  const busy = useNavigation().state === "loading";
  const shape = () => {
    editing.start();
    // what comes in the place of a long page begins at its top
    window.scrollTo({ top: 0, behavior: "instant" });
  };
  const asOf = scope.asOf ?? scope.today;
  return (
    <>
      <TopBar
        title={dashboard ? <DashboardTitle title={dashboard.title} editing={editing} /> : "Dashboard"}
        status={<DashboardStatus dashboards={dashboards} current={dashboard?.id ?? null} editing={editing} />}
        actions={
          <>
            <DashboardActions editing={editing} />
            {dashboard ? <CommentsButton /> : null}
          </>
        }
      />
      <PageBody>
        {isEmpty && !editing.isEditing ? (
          <NoNumbersYet arriving={data.arriving} onShape={editing.mayEdit ? shape : null} />
        ) : (
          <div className="grid grid-cols-1 gap-4">
            {isEmpty ? (
              <NumbersToCome />
            ) : (
              <>
                <FilterBar
                  filters={filters}
                  scope={scope}
                  options={options}
                  grains={grains}
                  comparable={scope.segments}
                >
                  <PageFacts facts={facts} asOf={asOf} restated={restated} />
                </FilterBar>
                <AllBesideFilesCallout {...beside} />
                {data.isUnvalued ? <RatesMissing partly /> : null}
              </>
            )}
            <SavedFilters filters={dashboard?.filters ?? {}} options={options} />
            <RestatedProvider restated={restated}>
              <DashboardBody
                key={dashboard?.id}
                data={data}
                editing={editing}
                note={factsText(facts, asOf)}
                busy={busy}
              />
            </RestatedProvider>
            <AnnotationList annotations={annotations} />
          </div>
        )}
      </PageBody>
    </>
  );
}
