import type { PlacedWidget } from "#contracts/widgets.ts";
import {
  type Answered,
  type Explanation,
  type Outcome,
  type QueryAnswers,
  QueryFailed,
  type QueryKind,
  type QueryOf,
  queryKey,
  uniteQueries,
  type WidgetQuery,
} from "./queries.ts";
import { readWidgets } from "./read-widget.ts";
import { widgetRegistry } from "./registry.ts";
import type { PageScope } from "./scope.ts";
import { settingsKey } from "./settings-key.ts";

/** Who asks the numbers. `explain` turns what a question threw into words for the card. */
export interface Asker {
  ask: { [Kind in QueryKind]: (query: QueryOf<Kind>) => Promise<QueryAnswers[Kind]> };
  explain: (error: unknown, kind: QueryKind) => Explanation;
}

async function outcomeOf<Kind extends QueryKind>(
  { ask, explain }: Asker,
  kind: Kind,
  query: QueryOf<Kind>,
): Promise<Outcome<Kind>> {
  try {
    return { ok: true, answer: await ask[kind](query) };
  } catch (error) {
    return { ok: false, ...explain(error, kind) };
  }
}

const planned = (stored: Record<string, unknown>, scope: PageScope) =>
  readWidgets(stored).map((widget) => ({
    widget,
    plan: widgetRegistry[widget.type].plan(widget.cfg, scope),
  }));

/** Asks what the widgets of a dashboard need, everything at once and nothing twice. Never rejects: a failure is an answer. */
export async function askWidgets(
  stored: Record<string, unknown>,
  scope: PageScope,
  asker: Asker,
): Promise<Answered> {
  const queries = [...uniteQueries(planned(stored, scope).flatMap(({ plan }) => plan.queries))];
  const outcomes = new Map<string, Outcome<QueryKind>>(
    await Promise.all(
      queries.map(async ([key, query]) => [key, await outcomeOf(asker, query.kind, query)] as const),
    ),
  );
  return (query) => {
    const outcome = outcomes.get(queryKey(query));
    if (!outcome) throw new QueryFailed("This was not asked.");
    if (!outcome.ok) throw new QueryFailed(outcome.message, outcome.missing);
    // The key holds the kind: an answer found under a query's key is of the query's kind.
    return outcome.answer as never;
  };
}

/** What each card shows of what was asked. A query that failed is the state of the cards that asked it. */
export const showWidgets = (
  stored: Record<string, unknown>,
  scope: PageScope,
  answered: Answered,
): PlacedWidget[] =>
  planned(stored, scope).map(({ widget, plan }) => {
    const shown = plan.show(answered);
    return {
      ...{ id: widget.id, type: widget.type, ...shown },
      title: widget.title || shown.title,
      ownTitle: shown.title,
      subtitle: [shown.subtitle, scope.policyTitle].filter((part) => part !== "").join(" · "),
      policy: scope.policyTitle,
      scope: scopeOf(plan.queries[0]),
      rect: widget.rect,
      settings: settingsKey(widget),
    };
  });

/** Asks, and makes what each card shows of the answers. */
export const placeWidgets = async (
  stored: Record<string, unknown>,
  scope: PageScope,
  asker: Asker,
): Promise<PlacedWidget[]> => showWidgets(stored, scope, await askWidgets(stored, scope, asker));

/** What the first question of a widget asked for: the page's filters with its own. */
const scopeOf = (query: WidgetQuery | undefined): PlacedWidget["scope"] => ({
  asOf: query && "asOf" in query ? query.asOf : null,
  filter: query?.filter ?? {},
});
