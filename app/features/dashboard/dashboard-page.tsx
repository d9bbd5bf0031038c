import { useLocation } from "@remix-run/react";
import { memo, useMemo } from "react";
import { grains } from "#metrics/period.ts";
import { useAfterPaint } from "../../lib/after-paint.ts";
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

export const DashboardPage = memo(function DashboardPage({ data }: { data: DashboardData }) {
  const { dashboard, isEmpty } = data;
  const editing = useEditing(dashboard?.id ?? null);
  // what moves by itself is drawn in two steps: the numbers, and when these are on the screen all the rest
  const place = `${useLocation().key} ${dashboard?.id} ${isEmpty}`;
  const late = useAfterPaint(data, place);
  const head = useMemo(() => <Head data={late} />, [late]);
  const list = useMemo(() => <AnnotationList annotations={late.annotations} />, [late]);
  const shape = () => {
    editing.start();
    // what comes in the place of a long page begins at its top
    window.scrollTo({ top: 0, behavior: "instant" });
  };
  return (
    <>
      <TopBar
        title={dashboard ? <DashboardTitle title={dashboard.title} editing={editing} /> : "Dashboard"}
        status={
          <DashboardStatus dashboards={data.dashboards} current={dashboard?.id ?? null} editing={editing} />
        }
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
            {head}
            <RestatedProvider restated={late.restated}>
              <DashboardBody
                key={dashboard?.id}
                data={data}
                editing={editing}
                note={factsText(data.facts, data.scope.asOf ?? data.scope.today)}
                numbersFirst={late !== data}
              />
            </RestatedProvider>
            {list}
          </div>
        )}
      </PageBody>
    </>
  );
});

/** Above the cards: what they are filtered by, and the rules by which they count. */
function Head({ data }: { data: DashboardData }) {
  const { dashboard, filters, scope, options, facts, restated, isEmpty, beside } = data;
  return (
    <>
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
            <PageFacts facts={facts} asOf={scope.asOf ?? scope.today} restated={restated} />
          </FilterBar>
          <AllBesideFilesCallout {...beside} />
          {data.isUnvalued ? <RatesMissing partly /> : null}
        </>
      )}
      <SavedFilters filters={dashboard?.filters ?? {}} options={options} />
    </>
  );
}
