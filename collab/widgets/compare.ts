import { z } from "zod";
import type { ComparedSegment } from "#contracts/widgets.ts";
import { everyone, mostCompared } from "./compared-segments.ts";
import { joinFilters, type PageScope } from "./scope.ts";

/** Segments side by side: a widget's own choice, else the page's. */

export const compareSetting = { compare: z.array(z.string().min(1).max(100)).max(mostCompared).optional() };

interface Compared {
  segment: ComparedSegment;
  scope: PageScope;
}

/**
 * What stands side by side, the first one first; empty where nothing is compared. A widget's own segments narrow the page's; the
 * page's comparison stands in the place of the page's segment.
 */
export function comparedScopes(page: PageScope, own: readonly string[] | undefined): Compared[] {
  if (own && own.length > 0)
    return [...new Set(own)].slice(0, mostCompared).map((id) => ({
      segment: segmentOf(page, id),
      scope: id === everyone ? page : { ...page, filter: joinFilters(page.filter, { segment: [id] }) },
    }));
  const others = [...new Set(page.compare ?? [])].slice(0, mostCompared - 1);
  if (others.length === 0) return [];
  return [
    { segment: pageSegment(page), scope: page },
    ...others.map((id) => ({
      segment: segmentOf(page, id),
      scope: { ...page, filter: { ...page.filter, segment: [id] } },
    })),
  ];
}

function segmentOf({ segments = [] }: PageScope, id: string): ComparedSegment {
  if (id === everyone) return { id, name: "Everyone", color: null };
  const known = segments.find((segment) => segment.id === id);
  return { id, name: known?.name ?? "Deleted segment", color: known?.color ?? null };
}

function pageSegment(page: PageScope): ComparedSegment {
  const chosen = (page.filter.segment ?? []).map((id) => segmentOf(page, id));
  const [first] = chosen;
  return {
    id: "page",
    name: first ? chosen.map(({ name }) => name).join(" or ") : "Everyone",
    color: chosen.length === 1 ? (first?.color ?? null) : null,
  };
}
