import type {
  CohortsOutput,
  CompositionOutput,
  CustomerItem,
  Filter,
  Grain,
  MetricName,
  MetricsOutput,
} from "#contracts/analytics.ts";

/** What widgets may ask of the numbers, by kind. Widgets that ask alike share one answer. */
interface Queries {
  metrics: {
    names: readonly MetricName[];
    grain: Grain;
    from: string;
    to: string;
    asOf: string | null;
    filter: Filter;
  };
  composition: { by: string; at: string | null; filter: Filter };
  customers: { limit: number; asOf: string | null; filter: Filter };
  cohorts: {
    grain: "week" | "month" | "quarter" | "year";
    basis: CohortsOutput["basis"] | null;
    measure: CohortsOutput["measure"];
    from: string;
    to: string;
    asOf: string | null;
    filter: Filter;
  };
}
export type QueryKind = keyof Queries;
export type QueryOf<Kind extends QueryKind> = Queries[Kind] & { kind: Kind };
export type WidgetQuery = { [Kind in QueryKind]: QueryOf<Kind> }[QueryKind];

export interface QueryAnswers {
  metrics: MetricsOutput;
  composition: CompositionOutput;
  customers: { items: CustomerItem[]; total: number; currency: string; as_of: string };
  cohorts: CohortsOutput;
}

export type Outcome<Kind extends QueryKind> =
  | { ok: true; answer: QueryAnswers[Kind] }
  | ({ ok: false } & Explanation);

/** Why there is no answer, for the reader. `missing`: what was asked for is not there any more; trying again will not help. */
export interface Explanation {
  message: string;
  missing: boolean;
}

const united = ["names", "limit"];
const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : a > b ? 1 : 0);

/** Equal for queries that one answer serves: the names of metrics and the limit of customers are united. */
export function queryKey({ filter, ...rest }: { kind: QueryKind; filter: Filter }): string {
  const shared = Object.entries(rest).filter(([name]) => !united.includes(name));
  return JSON.stringify([shared.sort(byName), Object.entries(filter).sort(byName)]);
}

function unite(a: WidgetQuery, b: WidgetQuery): WidgetQuery {
  if (a.kind === "metrics" && b.kind === "metrics")
    return { ...a, names: [...new Set([...a.names, ...b.names])] };
  if (a.kind === "customers" && b.kind === "customers") return { ...a, limit: Math.max(a.limit, b.limit) };
  return a;
}

/** The fewest queries that answer all; by key. */
export function uniteQueries(queries: Iterable<WidgetQuery>): Map<string, WidgetQuery> {
  const byKey = new Map<string, WidgetQuery>();
  for (const query of queries) {
    const key = queryKey(query);
    const known = byKey.get(key);
    byKey.set(key, known ? unite(known, query) : query);
  }
  return byKey;
}

/** A query failed: its words are for the reader of the card. */
export class QueryFailed extends Error {
  override readonly name = "QueryFailed";
  constructor(
    message: string,
    readonly missing = false,
  ) {
    super(message);
  }
}

/** Looks the answer of a query up; throws QueryFailed where it has none. */
export type Answered = <Kind extends QueryKind>(query: QueryOf<Kind>) => QueryAnswers[Kind];
