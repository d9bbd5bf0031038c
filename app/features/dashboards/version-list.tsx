import { Link } from "@remix-run/react";
import { Bookmark, CalendarClock, History } from "lucide-react";
import { formatDateTime } from "#charts/format-dates.ts";
import type { VersionItem } from "#contracts/dashboards.ts";
import { Card } from "../../components/card.tsx";
import { cx } from "../../components/class-names.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { useMe } from "../../lib/me.ts";
import { versionName } from "./version-words.ts";

const icons = { named: Bookmark, daily: CalendarClock, before_restore: History } as const;

/** Newest first; one of them can be looked at beside the list. */
export function VersionList({
  versions,
  older,
  current,
}: {
  versions: readonly VersionItem[];
  older: string | null;
  current: string | null;
}) {
  const { timezone } = useMe().organisation;
  return (
    <Card title="Versions" flush>
      {versions.length === 0 ? (
        <EmptyState icon={<History />} title="No version yet">
          Each day on which somebody edits this dashboard leaves one. Give a name to those that matter.
        </EmptyState>
      ) : (
        <ul
          aria-label="Versions"
          className="max-h-72 divide-y divide-line overflow-y-auto rounded-b-xl border-t border-line min-[1700px]:max-h-[70dvh]"
        >
          {versions.map((version) => {
            const Icon = icons[version.kind];
            return (
              <li key={version.id}>
                <Link
                  to={`?version=${version.id}`}
                  preventScrollReset
                  aria-current={version.id === current ? "true" : undefined}
                  className={cx(
                    "flex items-start gap-3 px-5 py-3 hover:bg-hover",
                    version.id === current && "bg-hover",
                  )}
                >
                  <Icon
                    aria-hidden="true"
                    className={cx(
                      "mt-0.5 size-4 shrink-0",
                      version.kind === "named" ? "text-accent" : "text-ink-3",
                    )}
                    strokeWidth={1.75}
                  />
                  <span className="min-w-0">
                    <span className="block truncate text-sm font-medium">{versionName(version)}</span>
                    <span className="tabular block truncate text-xs text-ink-3">
                      {formatDateTime(version.at, timezone)}
                      {version.by ? ` · ${version.by}` : ""}
                    </span>
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      )}
      {older ? (
        <Link to={`?after=${encodeURIComponent(older)}`} className="link block px-5 py-3 text-sm">
          Older versions
        </Link>
      ) : null}
    </Card>
  );
}
