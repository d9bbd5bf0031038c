import { Link } from "@remix-run/react";
import { formatCount } from "#charts/format.ts";

/** Where a row came from: the file and its line. */
export const SourceLink = ({
  source,
}: {
  source: { kind: string; upload_id: string | null; line: number | null };
}) =>
  source.upload_id ? (
    <Link
      to={`/uploads/${source.upload_id}${source.line === null ? "" : `/lines/${source.line}`}`}
      className="link whitespace-nowrap"
    >
      {source.line === null ? "File" : `Line ${formatCount(source.line)}`}
    </Link>
  ) : (
    <span className="text-ink-3">{source.kind}</span>
  );
