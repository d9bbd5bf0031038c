import { Link } from "@remix-run/react";
import { formatCount } from "#charts/format.ts";
import type { Confidence } from "#contracts/source-facts.ts";
import type { SourceObjectRef } from "#contracts/source-links.ts";
import { ConfidenceMark } from "../sources/confidence-mark.tsx";
import { ObjectLink } from "../sources/object-link.tsx";

/** Where a row came from: the file and its line, or the object of a connected system. */
export function SourceLink({
  source: { kind, upload_id, line, object, confidence },
}: {
  source: {
    kind: string;
    upload_id: string | null;
    line: number | null;
    object?: SourceObjectRef | null | undefined;
    confidence?: Confidence | null | undefined;
  };
}) {
  if (object)
    return (
      <span className="flex items-center gap-1.5">
        <ObjectLink object={object} />
        <ConfidenceMark confidence={confidence} />
      </span>
    );
  if (!upload_id) return <span className="text-ink-3">{kind}</span>;
  return (
    <Link
      to={`/uploads/${upload_id}${line === null ? "" : `/lines/${line}`}`}
      className="link whitespace-nowrap"
    >
      {line === null ? "File" : `Line ${formatCount(line)}`}
    </Link>
  );
}
