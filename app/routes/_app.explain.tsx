import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useNavigation, useSearchParams } from "@remix-run/react";
import { ChevronLeft, Download, ScanSearch } from "lucide-react";
import { buttonClass } from "../components/button.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { backLink, explainRequestOf } from "../features/explain/explain-request.ts";
import { explainTitle, isMadeOfNumbers } from "../features/explain/explain-words.ts";
import { FormulaCard } from "../features/explain/formula-card.tsx";
import { GroupsCard } from "../features/explain/groups-card.tsx";
import { NumberCard, namedFilters } from "../features/explain/number-card.tsx";
import { RowsCard } from "../features/explain/rows-card.tsx";
import { RulesCard } from "../features/explain/rules-card.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { guarded } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";

export const handle = liveOn("metrics");

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? explainTitle(data.answer) : "Explain"} · Jarvis360` },
];

const rowsOfAPage = 50;

/** A number followed down to the rows it came from. */
export const loader = guarded(async ({ request, context }) => {
  const asked = explainRequestOf(new URL(request.url).searchParams);
  const [answer, segments] = await Promise.all([
    context.trpc.explain.number({ ...asked, limit: rowsOfAPage }),
    asked.filter.segment ? context.trpc.segments.list({ limit: 1000 }) : null,
  ]);
  const known = segments?.items ?? [];
  return {
    answer,
    filters: namedFilters(asked.filter, {
      labels: filterLabels,
      segments: Object.fromEntries(known.map(({ id, name }) => [id, name])),
    }),
  };
});

const filterLabels: Record<string, string> = {
  plan: "Plan",
  interval: "Billing interval",
  currency: "Currency",
  source: "Source",
  country: "Country",
  size: "Size",
  tenure: "Tenure",
  segment: "Segment",
};

export default function Explain() {
  const { answer, filters } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const busy = useNavigation().state === "loading";
  const file = new URLSearchParams(search);
  file.delete("cursor");
  const byKind = answer.movements[0]?.type === "movement" && answer.groups.length > 1;
  return (
    <>
      <TopBar
        title={explainTitle(answer)}
        before={
          <Link
            to={backLink(answer, search)}
            aria-label={answer.cohort ? "Back to the cohorts" : "Back to the dashboard"}
            className="grid size-8 place-items-center rounded-lg text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-5" />
          </Link>
        }
        actions={
          answer.total.rows > 0 ? (
            <a href={`/explain.csv?${file}`} download className={buttonClass("secondary", "sm")}>
              <Download aria-hidden="true" className="size-4" />
              Export CSV
            </a>
          ) : null
        }
      />
      <PageBody>
        <div className="grid grid-cols-1 gap-4" aria-busy={busy}>
          <NumberCard answer={answer} filters={filters} />
          <FormulaCard answer={answer} search={search} />
          {/* where there is room, the rules come before the rows */}
          <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
            {byKind ? <GroupsCard answer={answer} /> : null}
            <div className="min-w-0 xl:order-1 xl:col-span-2">
              {answer.movements.length > 0 ? (
                <RowsCard answer={answer} search={search} />
              ) : (
                <NoRows isMade={isMadeOfNumbers(answer)} />
              )}
            </div>
            <RulesCard policy={answer.policy} isWide={!byKind} />
          </div>
        </div>
      </PageBody>
    </>
  );
}

const NoRows = ({ isMade }: { isMade: boolean }) => (
  <section aria-label="Rows" className="rounded-xl border border-line bg-surface">
    <EmptyState
      icon={<ScanSearch />}
      title={isMade ? "No rows of its own" : "Nothing stands behind this yet"}
    >
      {isMade
        ? "This number is made of the numbers in its formula: open one of them to see its rows."
        : "Nothing happened in this period that counts here. Choose another period, or take a filter off."}
    </EmptyState>
  </section>
);
