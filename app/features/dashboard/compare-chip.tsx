import { GitCompareArrows } from "lucide-react";
import { choiceClass, FilterChip, ignore } from "./filter-chip.tsx";
import type { NamedSegment } from "./filter-options.ts";

/** As many as a chart shows beside the page's own numbers. */
const most = 3;

/** Which segments stand beside the page's own numbers in charts and cards. */
export function CompareChip({
  segments,
  compare,
}: {
  segments: readonly NamedSegment[];
  compare: readonly string[];
}) {
  const [first] = compare;
  const gone = compare.filter((id) => !segments.some((segment) => segment.id === id));
  const nameOf = (id: string) => segments.find((segment) => segment.id === id)?.name ?? "Deleted segment";
  return (
    <FilterChip
      dashed={first === undefined}
      summary={
        <>
          <GitCompareArrows aria-hidden="true" className="size-3.5 text-ink-3" />
          {first === undefined ? (
            "Compare with…"
          ) : (
            <>
              vs{" "}
              <span className="max-w-40 truncate font-medium text-ink">
                {compare.length === 1 ? nameOf(first) : `${compare.length} segments`}
              </span>
            </>
          )}
        </>
      }
    >
      <fieldset>
        <legend className="px-2.5 py-1.5 text-xs text-ink-3">Beside what the page shows, up to {most}</legend>
        {[...gone, ...segments.map(({ id }) => id)].map((id) => (
          <label key={id} className={choiceClass}>
            <input
              type="checkbox"
              name="compare"
              value={id}
              checked={compare.includes(id)}
              disabled={compare.length >= most && !compare.includes(id)}
              onChange={ignore}
              className="accent-accent-fill"
            />
            <span className="min-w-0 flex-1 truncate">{nameOf(id)}</span>
          </label>
        ))}
      </fieldset>
    </FilterChip>
  );
}
