import type { Filter } from "#contracts/analytics.ts";
import type { ExplainOutput } from "#contracts/explain.ts";
import { type ExplainTarget, explainLink } from "../../lib/explain-link.ts";
import { bases, measures } from "../cohorts/cohort-choice.ts";

/** The page's address is the question: it has the names and values of `GET /api/v1/explain`. */

const explainSorts = ["-size", "size", "date", "-date"] as const;
const grains = ["week", "month", "quarter", "year"] as const;
const filterPrefix = "filter.";

/** What cannot be read is left to the server, which says what is wrong with it. */
export function explainRequestOf(search: URLSearchParams) {
  const text = (name: string): string | undefined => search.get(name) || undefined;
  return {
    metric: search.get("metric") ?? "",
    period: text("period"),
    as_of: text("as_of"),
    filter: filterOf(search),
    cohort: text("cohort"),
    k: text("k"),
    grain: grains.find((one) => one === search.get("grain")),
    basis: bases.find((one) => one === search.get("basis")),
    measure: measures.find((one) => one === search.get("measure")),
    by: text("by"),
    key: text("key"),
    not_set: search.get("not_set") === "true",
    at: text("at"),
    sort: explainSorts.find((one) => one === search.get("sort")),
    cursor: text("cursor"),
  };
}

/** Every value of every filter, the empty one ("not set") as well. */
const filterOf = (search: URLSearchParams): Filter =>
  Object.fromEntries(
    [...new Set(search.keys())]
      .filter((key) => key.startsWith(filterPrefix))
      .map((key) => [key.slice(filterPrefix.length), search.getAll(key)]),
  );

/** The address of another number under the same filters, as seen on the same day. */
export function besideLink(
  search: URLSearchParams,
  target: ExplainTarget extends infer Target
    ? Target extends unknown
      ? Omit<Target, "asOf" | "filter">
      : never
    : never,
): string {
  return explainLink({ ...target, asOf: search.get("as_of"), filter: filterOf(search) } as ExplainTarget);
}

/** Where one came from, most likely: the page that shows such numbers, with the same filters. */
export function backLink({ cohort, as_of }: ExplainOutput, search: URLSearchParams): string {
  const kept = new URLSearchParams();
  for (const [key, value] of search)
    if (key.startsWith(filterPrefix) || (key === "as_of" && value === as_of)) kept.append(key, value);
  if (!cohort) return kept.size > 0 ? `/?${kept}` : "/";
  kept.set("basis", cohort.basis);
  kept.set("measure", cohort.measure);
  if (cohort.grain !== "month") kept.set("grain", cohort.grain);
  return `/cohorts?${kept}`;
}
