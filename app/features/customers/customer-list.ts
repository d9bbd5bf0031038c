/** The customer list in the address: `?search=acme&sort=name&after=…`, beside the filters. */
export const customerSorts = [
  "-mrr",
  "mrr",
  "name",
  "-name",
  "customer_id",
  "-customer_id",
  "-first_paid",
  "first_paid",
] as const;
export type CustomerSort = (typeof customerSorts)[number];

export interface ListChoice {
  search: string;
  sort: CustomerSort;
  cursor: string | null;
}

export function parseListChoice(search: URLSearchParams): ListChoice {
  return {
    search: (search.get("search") ?? "").trim().slice(0, 200),
    sort: customerSorts.find((sort) => sort === search.get("sort")) ?? "-mrr",
    cursor: search.get("after"),
  };
}

/** What differs from the default; the cursor belongs to one order and one search, so it is left out. */
export const printListChoice = ({ search, sort }: ListChoice): Record<string, string> => ({
  ...(search ? { search } : {}),
  ...(sort === "-mrr" ? {} : { sort }),
});

/** The sort that a click on a column's head asks for: its own first direction, then the other. */
export function nextSort(now: CustomerSort, first: CustomerSort): CustomerSort {
  if (now !== first) return first;
  const other = first.startsWith("-") ? first.slice(1) : `-${first}`;
  return customerSorts.find((sort) => sort === other) ?? first;
}

/** For `aria-sort`; null where the list is not sorted by the column. */
export function sortDirection(now: CustomerSort, column: CustomerSort): "ascending" | "descending" | null {
  if (now.replace("-", "") !== column.replace("-", "")) return null;
  return now.startsWith("-") ? "descending" : "ascending";
}
