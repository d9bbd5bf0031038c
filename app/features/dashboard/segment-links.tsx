import { Link } from "@remix-run/react";
import { BookmarkPlus, Settings2 } from "lucide-react";
import type { Filter } from "#contracts/analytics.ts";
import { useCan } from "../../lib/me.ts";
import { choiceClass } from "./filter-chip.tsx";

/** From the filter bar to the segments: save what is filtered now, or look at all of them. */
export function SegmentLinks({ filter, isEmpty }: { filter: Filter; isEmpty: boolean }) {
  const mayEdit = useCan("segments.edit");
  const search = new URLSearchParams();
  for (const [key, values] of Object.entries(filter))
    if (key !== "segment") for (const value of values) search.append(`filter.${key}`, value);
  return (
    <div className={isEmpty ? undefined : "mt-1.5 border-t border-line pt-1.5"}>
      {isEmpty ? (
        <p className="px-2.5 py-1.5 text-sm text-ink-3">A segment is a set of filters with a name.</p>
      ) : null}
      {mayEdit ? (
        <Link to={search.size > 0 ? `/segments/new?${search}` : "/segments/new"} className={choiceClass}>
          <BookmarkPlus aria-hidden="true" className="size-4 text-ink-3" />
          {search.size > 0 ? "Save filters as a segment" : "New segment"}
        </Link>
      ) : null}
      <Link to="/segments" className={choiceClass}>
        <Settings2 aria-hidden="true" className="size-4 text-ink-3" />
        {mayEdit ? "Manage segments" : "All segments"}
      </Link>
    </div>
  );
}
