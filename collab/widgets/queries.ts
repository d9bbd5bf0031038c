import type {
  CohortsOutput,
  CompositionOutput,
  CustomerItem,
  Filter,
  Grain,
  MetricName,
  MetricsOutput,
} from "#contracts/analytics.ts";

/** What widgets may ask of the numbers. Widgets that ask alike share one answer. */
export type WidgetQuery =
  | {
      kind: "metrics";
      names: readonly MetricName[];
      grain: Grain;
      from: string;
      to: string;
      asOf: string | null;
      filter: Filter;
    }
  | { kind: "composition"; by: string; at: string | null; filter: Filter }
  | { kind: "customers"; limit: number; asOf: string | null; filter: Filter }
  | {
      kind: "cohorts";
      grain: CohortsOutput["grain"] & ("week" | "month" | "quarter" | "year");
      basis: CohortsOutput["basis"] | null;
      measure: CohortsOutput["measure"];
      from: string;
      to: string;
      asOf: string | null;
      filter: Filter;
    };
export type QueryKind = WidgetQuery["kind"];
export type QueryOf<Kind extends QueryKind> = Extract<WidgetQuery, { kind: Kind }>;

export interface QueryAnswers {
  metrics: MetricsOutput;
  composition: CompositionOutput;
  customers: { items: CustomerItem[]; total: number; currency: string; as_of: string };
  cohorts: CohortsOutput;
}

export type Outcome<Kind extends QueryKind> =
  | { ok: true; answer: QueryAnswers[Kind] }
  | { ok: false; message: string };

/** Equal for queries that one answer serves: metrics differ by their names and customers by their limit, which are united. */
export function queryKey(query: WidgetQuery): string {
  const filter = Object.entries(query.filter).sort(([a], [b]) => (a < b ? -1 : 1));
  switch (query.kind) {
    case "metrics":
      return JSON.stringify([query.kind, query.grain, query.from, query.to, query.asOf, filter]);
    case "composition":
      return JSON.stringify([query.kind, query.by, query.at, filter]);
    case "customers":
      return JSON.stringify([query.kind, query.asOf, filter]);
    case "cohorts":
      return JSON.stringify([
        query.kind,
        query.grain,
        query.basis,
        query.measure,
        query.from,
        query.to,
        query.asOf,
        filter,
      ]);
  }
}

function unite(a: WidgetQuery, b: WidgetQuery): WidgetQuery {
  if (a.kind === "metrics" && b.kind === "metrics")
    return { ...a, names: [...new Set([...a.names, ...b.names])] };
  if (a.kind === "customers" && b.kind === "customers") return { ...a, limit: Math.max(a.limit, b.limit) };
  return a;
}

/** The fewest queries that answer all; by key. */
export function uniteQueries(queries: Iterable<WidgetQuery>): Map<string, WidgetQuery> {
  const united = new Map<string, WidgetQuery>();
  for (const query of queries) {
    const key = queryKey(query);
    const known = united.get(key);
    united.set(key, known ? unite(known, query) : query);
  }
  return united;
}

/** A query failed: its words are for the reader of the card. */
export class QueryFailed extends Error {
  override readonly name = "QueryFailed";
}

/** Looks the answer of a query up; throws QueryFailed where it has none. */
export type Answered = <Kind extends QueryKind>(query: QueryOf<Kind> & { kind: Kind }) => QueryAnswers[Kind];
