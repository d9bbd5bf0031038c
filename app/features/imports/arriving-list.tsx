import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { useLiveWhile } from "../live/use-live-while.ts";
import { SourceStatusBadge } from "../sources/source-badges.tsx";
import { isMoving } from "../sources/source-words.ts";
import type { Arriving } from "./list-arriving.server.ts";
import { StatusBadge } from "./status-badge.tsx";
import { isRunning } from "./upload-state.ts";

/** What was begun already, each with a way to where it stands or waits for the reader. */
export function ArrivingList({ uploads, sources }: Pick<Arriving, "uploads" | "sources">) {
  useLiveWhile(uploads.some(isRunning) || sources.some(isMoving));
  if (uploads.length + sources.length === 0) return null;
  return (
    <ul
      aria-label="On the way"
      className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface"
    >
      {sources.map((source) => (
        <ArrivingItem
          key={source.id}
          to={`/sources/${source.id}`}
          name={source.name}
          badge={<SourceStatusBadge source={source} />}
        />
      ))}
      {uploads.map((upload) => (
        <ArrivingItem
          key={upload.id}
          to={`/uploads/${upload.id}`}
          name={upload.file_name}
          badge={<StatusBadge upload={upload} />}
        />
      ))}
    </ul>
  );
}

const ArrivingItem = ({ to, name, badge }: { to: string; name: string; badge: ReactNode }) => (
  <li>
    <Link
      to={to}
      prefetch="intent"
      className="flex items-center justify-between gap-4 px-5 py-3 hover:bg-sunken"
    >
      <span className="min-w-0 truncate font-medium">{name}</span>
      {badge}
    </Link>
  </li>
);
