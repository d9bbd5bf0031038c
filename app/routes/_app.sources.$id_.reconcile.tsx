import type { MetaFunction } from "@remix-run/node";
import { Form, Link, redirect, useActionData, useLoaderData } from "@remix-run/react";
import { ChevronLeft, CircleCheck, Download, Scale } from "lucide-react";
import { formatCounted } from "#charts/format.ts";
import { formatDateTime, formatPeriodRange } from "#charts/format-dates.ts";
import { Button, buttonClass } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { DifferenceFilter, parseChoice, printChoice } from "../features/sources/difference-filter.tsx";
import { DifferenceTable } from "../features/sources/difference-table.tsx";
import { MonthTable } from "../features/sources/month-table.tsx";
import { ReportForm } from "../features/sources/report-form.tsx";
import { ModeBadge } from "../features/sources/source-badges.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useCan, useMe } from "../lib/me.ts";

export const handle = liveOn("metrics", "sources");

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Reconcile ${data?.source.name ?? ""} · Jarvis360` },
];

export const loader = guarded(async ({ params, request, context }) => {
  const id = params.id ?? "";
  const search = new URL(request.url).searchParams;
  const choice = parseChoice(search);
  const cursor = search.get("after") ?? undefined;
  const [source, compared] = await Promise.all([
    context.trpc.sources.get({ id }),
    context.trpc.sourceReconcile.get({
      id,
      month: choice.month ?? undefined,
      reason: choice.reason ?? undefined,
      show: choice.all ? "all" : "differing",
      limit: 100,
      cursor,
    }),
  ]);
  return {
    source: { id, name: source.name, livemode: source.livemode },
    choice,
    later: cursor !== undefined,
    ...compared,
  };
});

export const action = submitted(async ({ params, request, context }) => {
  const id = params.id ?? "";
  // whoever may not is told so before a large form is read
  await context.trpc.sources.get({ id });
  const form = await request.formData();
  if (fieldText(form, "intent") === "forget") await context.trpc.sourceReconcile.delete({ id });
  else {
    const file = form.get("file");
    await context.trpc.sourceReconcile.put({
      id,
      name: file instanceof File && file.name !== "" ? file.name.slice(-200) : "report.csv",
      csv: file instanceof File ? await file.text() : "",
    });
  }
  throw redirect(`/sources/${id}/reconcile`);
});

export default function Reconcile() {
  const { source, choice, file, months, items, next, later } = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const mayManage = useCan("sources.manage");
  const { organisation } = useMe();
  const listed = [...new Set(months.map(({ month }) => month))];
  const query = new URLSearchParams(printChoice(choice));
  return (
    <>
      <TopBar
        before={
          <Link
            to={`/sources/${source.id}`}
            aria-label={`Back to ${source.name}`}
            className="-ml-2 grid size-8 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-5" />
          </Link>
        }
        title={`Reconcile ${source.name}`}
        status={
          <>
            <ModeBadge livemode={source.livemode} />
            <span className="max-sm:hidden">Our MRR beside Stripe’s own</span>
          </>
        }
        actions={
          file ? (
            <a
              href={`/sources/${source.id}/reconcile.csv?${query}`}
              download
              className={buttonClass("secondary")}
            >
              <Download aria-hidden="true" className="size-4 text-ink-3" />
              Export CSV
            </a>
          ) : null
        }
      />
      <PageBody>
        {file === null ? (
          <div className="mx-auto grid max-w-2xl gap-2 py-6">
            <EmptyState icon={<Scale />} title="Does it match what Stripe says?">
              Give Stripe’s own report, and every customer’s figure of every month is laid beside ours. Where
              they differ, the rule that makes the difference stands beside it.
            </EmptyState>
            {mayManage ? (
              <Card title="Compare with Stripe’s report">
                <ReportForm failure={failure} again={false} />
              </Card>
            ) : (
              <p className="text-center text-sm text-ink-2">
                Somebody with the role admin can give the report.
              </p>
            )}
          </div>
        ) : (
          <div className="grid grid-cols-1 gap-5">
            <Verdict months={months} />
            <Card title="By month" subtitle={`${file.name}, ${formatPeriodRange(file.from, file.to)}`} flush>
              <MonthTable months={months} chosen={choice.month} />
            </Card>
            <Card
              title={choice.all ? "Every figure" : "Differences"}
              subtitle="Largest first"
              actions={<DifferenceFilter choice={choice} months={listed} />}
              flush
            >
              {items.length > 0 ? (
                <DifferenceTable rows={items} />
              ) : (
                <EmptyState icon={<CircleCheck />} title="No difference">
                  {choice.month || choice.reason
                    ? "None of this month and reason."
                    : "Every figure of the report is the same here, to the minor unit."}
                </EmptyState>
              )}
              {next || later ? (
                <nav aria-label="More figures" className="flex gap-4 border-t border-line px-5 py-3 text-sm">
                  {later ? (
                    <Link className="link" to={`?${query}`}>
                      First page
                    </Link>
                  ) : null}
                  {next ? (
                    <Link
                      className="link"
                      to={`?${new URLSearchParams({ ...printChoice(choice), after: next })}`}
                    >
                      Next page
                    </Link>
                  ) : null}
                </nav>
              ) : null}
            </Card>
            {mayManage ? (
              <Card
                title="Another report"
                subtitle={`Given ${formatDateTime(file.uploaded_at, organisation.timezone)}`}
              >
                <div className="flex flex-wrap items-end justify-between gap-4">
                  <ReportForm failure={failure} again />
                  <Form method="post">
                    <Button type="submit" variant="ghost" name="intent" value="forget">
                      Forget this report
                    </Button>
                  </Form>
                </div>
              </Card>
            ) : null}
          </div>
        )}
      </PageBody>
    </>
  );
}

/** The answer in one sentence, before the tables. */
function Verdict({
  months,
}: {
  months: readonly { equal: number; explained: number; unexplained: number }[];
}) {
  const sum = (name: "equal" | "explained" | "unexplained") =>
    months.reduce((all, month) => all + month[name], 0);
  const [equal, explained, unexplained] = [sum("equal"), sum("explained"), sum("unexplained")];
  return unexplained === 0 ? (
    <Callout tone="positive" title="Every difference has its rule">
      {formatCounted(equal, "figure")} equal, {formatCounted(explained, "figure")} different for a reason that
      is named below.
    </Callout>
  ) : (
    <Callout
      tone="warning"
      title={`${formatCounted(unexplained, "figure")} without an explanation`}
      actions={
        <Link to="?reason=unexplained" preventScrollReset className={buttonClass("secondary", "sm")}>
          Show them
        </Link>
      }
    >
      {formatCounted(equal, "figure")} equal, {formatCounted(explained, "figure")} different for a reason that
      is named below.
    </Callout>
  );
}
