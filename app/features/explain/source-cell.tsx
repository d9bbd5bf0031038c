import { Link } from "@remix-run/react";
import { formatCount } from "#charts/format.ts";
import type { ExplainSourceRow } from "#contracts/explain.ts";
import { ConfidenceMark } from "../sources/confidence-mark.tsx";
import { ObjectLink } from "../sources/object-link.tsx";
import { roleName } from "./explain-words.ts";

const shownAtOnce = 2;

/** The lines of files and the objects of connected systems behind a row: two at once, the others behind a word. */
export function SourceCell({ rows: given }: { rows: readonly ExplainSourceRow[] }) {
  const rows = united(given);
  if (rows.length === 0) return <span className="text-ink-3">–</span>;
  const rest = rows.slice(shownAtOnce);
  return (
    <div className="grid justify-items-start text-xs">
      {rows.slice(0, shownAtOnce).map((row) => (
        <Source key={keyOf(row)} row={row} />
      ))}
      {rest.length > 0 ? (
        <details>
          <summary className="h-6 cursor-pointer leading-6 text-ink-3 hover:text-ink">
            {formatCount(rest.length)} more
          </summary>
          <div className="grid justify-items-start">
            {rest.map((row) => (
              <Source key={keyOf(row)} row={row} />
            ))}
          </div>
        </details>
      ) : null}
    </div>
  );
}

/** A line that plays two roles stands once, with both. */
function united(rows: readonly ExplainSourceRow[]): ExplainSourceRow[] {
  const byLine = new Map<string, ExplainSourceRow>();
  for (const row of rows) {
    const told = row.object ? `${row.object.id} ${row.confidence} ${row.note}` : keyOf(row);
    const key = `${row.source.upload_id} ${row.line} ${row.source.upload_id ? "" : told}`;
    const known = byLine.get(key);
    byLine.set(key, known ? { ...known, role: `${known.role} ${row.role}` } : row);
  }
  return [...byLine.values()];
}

const keyOf = ({ role, line, source, columns, object }: ExplainSourceRow): string =>
  `${role} ${source.upload_id ?? object?.id} ${line} ${columns.from ?? columns.date} ${columns.plan ?? ""} ${columns.mrr ?? ""}`;

function Source({ row }: { row: ExplainSourceRow }) {
  const { source, line, object } = row;
  const role = roleName(row.role);
  if (object)
    return (
      <span className="grid max-w-72">
        <span className="flex h-6 items-center gap-1.5 whitespace-nowrap">
          <ObjectLink object={object} />
          {role ? <span className="text-ink-3">{role}</span> : null}
          <ConfidenceMark confidence={row.confidence} />
        </span>
        {row.note ? <span className="pb-1 text-ink-3 wrap-anywhere">{row.note}</span> : null}
      </span>
    );
  const name = source.file_name ?? (source.upload_id ? "File" : source.kind);
  return (
    <span className="flex h-6 max-w-64 items-center gap-1.5 whitespace-nowrap">
      {source.upload_id && line !== null ? (
        <Link
          to={`/uploads/${source.upload_id}/lines/${line}`}
          className="link flex h-6 min-w-0 items-center"
          data-source-line={line}
        >
          <span className="truncate">{name}</span>
          <span className="tabular">&nbsp;line {formatCount(line)}</span>
        </Link>
      ) : source.upload_id ? (
        <Link to={`/uploads/${source.upload_id}`} className="link flex h-6 items-center truncate">
          {name}
        </Link>
      ) : (
        <span className="text-ink-3">{name}</span>
      )}
      {role ? <span className="text-ink-3">{role}</span> : null}
    </span>
  );
}
