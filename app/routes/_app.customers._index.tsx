import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData, useLocation, useNavigation, useSubmit } from "@remix-run/react";
import { Search, Users } from "lucide-react";
import { useEffect, useRef } from "react";
import { formatCounted } from "#charts/format.ts";
import { buttonClass } from "../components/button.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { parseListChoice, printListChoice } from "../features/customers/customer-list.ts";
import { CustomerTable } from "../features/customers/customer-table.tsx";
import { FilterBar } from "../features/dashboard/filter-bar.tsx";
import { loadScope } from "../features/dashboard/load-dashboard.server.ts";
import { NoNumbersYet } from "../features/dashboard/no-numbers-yet.tsx";
import { printFilters } from "../features/dashboard/page-filters.ts";
import { RatesMissing } from "../features/imports/rates-missing.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureOf, guarded } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";

export const handle = liveOn("metrics", "segments");

export const meta: MetaFunction = () => [{ title: "Customers · Jarvis360" }];

export const loader = guarded(async (args) => {
  const search = new URL(args.request.url).searchParams;
  const choice = parseListChoice(search);
  const page = await loadScope(args);
  const list = await orNobody(
    args.context.trpc.analytics.customers({
      sort: choice.sort,
      search: choice.search || undefined,
      as_of: page.scope.asOf ?? undefined,
      filter: page.filters.filter,
      limit: 50,
      cursor: choice.cursor ?? undefined,
    }),
    page.facts.currency,
  );
  return {
    choice,
    list,
    filters: page.filters,
    options: page.options,
    isEmpty: page.isEmpty && list.total === 0,
    isUnvalued: page.isUnvalued,
    arriving: page.arriving,
  };
});

/** Nobody is in a segment that was deleted; the filter bar names it, so that it can be taken off. */
async function orNobody(
  asked: ReturnType<LoaderFunctionArgs["context"]["trpc"]["analytics"]["customers"]>,
  currency: string,
): Promise<Pick<Awaited<typeof asked>, "items" | "next" | "total" | "currency">> {
  try {
    return await asked;
  } catch (error) {
    if (failureOf(error)?.reason !== "unknown_segment") throw error;
    return { items: [], next: null, total: 0, currency };
  }
}

export default function Customers() {
  const { choice, list, filters, options, isEmpty, isUnvalued, arriving } = useLoaderData<typeof loader>();
  const busy = useNavigation().state === "loading";
  return (
    <>
      <TopBar
        title="Customers"
        status={isEmpty ? null : formatCounted(list.total, "customer")}
        actions={
          isEmpty ? null : (
            <Link to="/settings/exclusions" className={buttonClass("ghost")}>
              Excluded
            </Link>
          )
        }
      />
      <PageBody>
        {isEmpty ? (
          <NoNumbersYet arriving={arriving} />
        ) : (
          <div className="grid grid-cols-1 gap-4">
            <div className="flex flex-wrap items-center gap-2">
              <SearchField search={choice.search} kept={keptBySearch(filters, choice)} />
              <FilterBar
                filters={filters}
                scope={null}
                grains={[]}
                options={options}
                kept={printListChoice(choice)}
              />
            </div>
            {isUnvalued ? <RatesMissing partly /> : null}
            <section
              aria-label="Customers"
              aria-busy={busy}
              className="rounded-xl border border-line bg-surface"
            >
              {list.items.length > 0 ? (
                <CustomerTable items={list.items} currency={list.currency} sort={choice.sort} />
              ) : (
                <EmptyState icon={<Users />} title="Nobody matches">
                  Take a filter off, or search for a part of the name, the e-mail address or the id.
                </EmptyState>
              )}
              <Pages next={list.next} isLater={choice.cursor !== null} />
            </section>
          </div>
        )}
      </PageBody>
    </>
  );
}

/** Filters and sort survive a new search; the page number does not. */
function keptBySearch(
  filters: Parameters<typeof printFilters>[0],
  choice: ReturnType<typeof parseListChoice>,
): [string, string][] {
  return [...printFilters(filters), ...Object.entries(printListChoice({ ...choice, search: "" }))];
}

function SearchField({ search, kept }: { search: string; kept: readonly [string, string][] }) {
  const submit = useSubmit();
  const field = useRef<HTMLInputElement>(null);
  // The address may change without the field, e.g. by going back; what is being typed is left alone.
  useEffect(() => {
    const input = field.current;
    if (input && input !== document.activeElement) input.value = search;
  }, [search]);
  return (
    <Form
      method="get"
      role="search"
      className="relative w-full sm:w-64"
      onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}
    >
      {kept.map(([name, value]) => (
        <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
      ))}
      <Search aria-hidden="true" className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
      <input
        ref={field}
        type="search"
        name="search"
        defaultValue={search}
        maxLength={200}
        aria-label="Search customers"
        placeholder="Name, e-mail or id"
        className="h-8 w-full rounded-lg border border-line-control bg-surface pr-2 pl-8 text-sm"
      />
    </Form>
  );
}

function Pages({ next, isLater }: { next: string | null; isLater: boolean }) {
  const { search } = useLocation();
  if (!next && !isLater) return null;
  const at = (cursor: string | null) => {
    const params = new URLSearchParams(search);
    if (cursor) params.set("after", cursor);
    else params.delete("after");
    return { search: params.size > 0 ? `?${params}` : "" };
  };
  return (
    <nav aria-label="Pages" className="flex justify-between border-t border-line px-5 py-3">
      {isLater ? (
        <Link to={at(null)} className={buttonClass("secondary", "sm")}>
          First page
        </Link>
      ) : (
        <span />
      )}
      {next ? (
        <Link to={at(next)} prefetch="intent" className={buttonClass("secondary", "sm")}>
          Next page
        </Link>
      ) : null}
    </nav>
  );
}
