import { Link, useLocation } from "@remix-run/react";
import { formatDay } from "#charts/format-dates.ts";
import type { PageScope } from "#collab/widgets/scope.ts";
import { useCan } from "../../lib/me.ts";

const most = 12;

/** What the pins on the charts of the page stand for, the latest first. */
export function AnnotationList({ annotations }: { annotations: NonNullable<PageScope["annotations"]> }) {
  const mayEdit = useCan("annotations.edit");
  const { pathname, search } = useLocation();
  if (annotations.length === 0) return null;
  return (
    <section aria-label="Annotations" className="rounded-xl border border-line bg-surface px-4 py-3">
      <header className="flex items-baseline gap-3">
        <h2 className="text-sm font-semibold">Annotations</h2>
        <p className="min-w-0 flex-1 truncate text-xs text-ink-3">
          What happened on the way, as marked in the charts
        </p>
        <Link to={`/annotations?next=${encodeURIComponent(pathname + search)}`} className="link text-sm">
          {mayEdit ? "Add or change" : "See all"}
        </Link>
      </header>
      <ul className="mt-2 grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-2 lg:grid-cols-3">
        {annotations.slice(0, most).map(({ id, day, title, text }) => (
          <li key={id} className="flex min-w-0 gap-3">
            <span className="tabular w-24 shrink-0 text-ink-3">{formatDay(day)}</span>
            <span className="min-w-0">
              <span className="line-clamp-2 font-medium">{title}</span>
              {text ? <span className="line-clamp-2 text-xs text-ink-2">{text}</span> : null}
            </span>
          </li>
        ))}
      </ul>
      {annotations.length > most ? (
        <p className="mt-2 text-xs text-ink-3">and {annotations.length - most} more</p>
      ) : null}
    </section>
  );
}
