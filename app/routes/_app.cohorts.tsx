import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { cohortBasisNames, cohortMeasureNames } from "#charts/widget-words.ts";
import { placeWidgets } from "#collab/widgets/place.ts";
import type { Grain } from "#contracts/analytics.ts";
import { ChoiceSwitch } from "../features/cohorts/choice-switch.tsx";
import { CohortCard } from "../features/cohorts/cohort-card.tsx";
import { bases, measures, parseCohortChoice, printCohortChoice } from "../features/cohorts/cohort-choice.ts";
import { CommentsButton } from "../features/comments/comments-button.tsx";
import { CommentsProvider } from "../features/comments/comments-provider.tsx";
import { askNumbers } from "../features/dashboard/ask-numbers.server.ts";
import { FilterBar } from "../features/dashboard/filter-bar.tsx";
import { loadScope } from "../features/dashboard/load-dashboard.server.ts";
import { NoNumbersYet } from "../features/dashboard/no-numbers-yet.tsx";
import { factsText, PageFacts } from "../features/dashboard/page-facts.tsx";
import { RatesMissing } from "../features/imports/rates-missing.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { guarded } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";

export const handle = liveOn("metrics", "segments");

export const meta: MetaFunction = () => [{ title: "Cohorts · Jarvis360" }];

const grains: readonly Grain[] = ["week", "month", "quarter", "year"];

/** The heatmap as a page of its own: one widget without a dashboard. */
export const loader = guarded(async (args) => {
  const choice = parseCohortChoice(new URL(args.request.url).searchParams);
  const [page, discussed] = await Promise.all([
    loadScope(args),
    args.context.trpc.comments.marks({ dashboard_id: null }),
  ]);
  const rect = { lg: [0, 0, 12, 12], sm: [0, 0, 4, 12] };
  const cfg = { measure: choice.measure, ...(choice.basis ? { basis: choice.basis } : {}) };
  const [widget] = page.isEmpty
    ? []
    : await placeWidgets(
        { cohorts: { type: "cohort_heatmap", title: "", ord: "a", rect, cfg } },
        page.scope,
        askNumbers(args.context),
      );
  return { ...page, choice, widget: widget ?? null, discussed: discussed.items };
});

export default function Cohorts() {
  const data = useLoaderData<typeof loader>();
  const { filters, scope, options, facts, isEmpty, arriving, choice, widget, discussed } = data;
  const asOf = scope.asOf ?? scope.today;
  const view =
    widget?.state.kind === "ready" && widget.state.view.type === "cohort_heatmap" ? widget.state.view : null;
  const basis = view?.basis ?? choice.basis ?? "first_payment";
  return (
    <CommentsProvider dashboardId={null} marks={discussed}>
      <TopBar title="Cohorts" status="Who stays, by when they came" actions={<CommentsButton />} />
      <PageBody>
        {isEmpty ? (
          <NoNumbersYet arriving={arriving} />
        ) : (
          <div className="grid grid-cols-1 gap-4">
            <FilterBar
              filters={filters}
              scope={scope}
              options={options}
              grains={grains}
              kept={printCohortChoice(choice)}
            >
              <PageFacts facts={facts} asOf={asOf} />
            </FilterBar>
            <div className="flex flex-wrap gap-3">
              <ChoiceSwitch
                label="Cohorts by"
                name="basis"
                chosen={basis}
                choices={bases.map((value) => ({ value, label: cohortBasisNames[value] }))}
              />
              <ChoiceSwitch
                label="Measure"
                name="measure"
                chosen={choice.measure}
                choices={measures
                  .filter((value) => value === "customers" || basis !== "first_activity")
                  .map((value) => ({
                    value,
                    label: cohortMeasureNames[value],
                    isDefault: value === "customers",
                  }))}
              />
            </div>
            {data.isUnvalued ? <RatesMissing partly /> : null}
            {widget ? <CohortCard widget={widget} note={factsText(facts, asOf)} /> : null}
          </div>
        )}
      </PageBody>
    </CommentsProvider>
  );
}
