import { Link } from "@remix-run/react";
import { ArrowDown, ArrowUp } from "lucide-react";
import { formatCount, formatCounted, formatMoney } from "#charts/format.ts";
import type { ExplainOutput, ExplainSourceRow } from "#contracts/explain.ts";
import { buttonClass } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Table, Td, Th } from "../../components/table.tsx";
import { listName } from "./explain-words.ts";
import { type RowColumn, rowColumns } from "./row-columns.tsx";
import { SourceCell } from "./source-cell.tsx";

/** The rows that make up the number, with the lines that they came from. */
export function RowsCard({ answer, search }: { answer: ExplainOutput; search: URLSearchParams }) {
  const { movements, rows, total, currency, groups, unit, next } = answer;
  const [first] = movements;
  if (!first) return null;
  const counts = unit !== "money" || groups.some(({ part }) => part === "not_counted");
  const columns = rowColumns(first.type, currency, counts);
  const sources = new Map<number, ExplainSourceRow[]>();
  for (const row of rows) sources.set(row.movement, [...(sources.get(row.movement) ?? []), row]);
  const sort = search.get("sort") ?? "-size";
  // by the larger of what a row counts and how it changed: no column's head can say that
  const order =
    sort === "-size" && !columns.some((column) => column.sort === "size") ? ", largest effect first" : "";
  return (
    <Card
      title={listName(first.type)}
      subtitle={
        total.counted !== null && new Set(groups.map(({ part }) => part)).size === 1
          ? `${formatCounted(total.rows, "row")}, together ${formatMoney(total.counted, currency)}${order}`
          : `${formatCounted(total.rows, "row")}${order}`
      }
      flush
    >
      <Table label={listName(first.type)}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.head} column={column} sort={sort} search={search} />
            ))}
            <Th>Source</Th>
          </tr>
        </thead>
        <tbody>
          {movements.map((row, index) => (
            <tr key={index} className="align-baseline hover:bg-hover">
              {columns.map(({ head, numeric, cell }) => (
                <Td key={head} numeric={numeric}>
                  {cell(row)}
                </Td>
              ))}
              <Td>
                <SourceCell rows={sources.get(index) ?? []} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <Pages next={next} search={search} shown={movements.length} total={total.rows} />
    </Card>
  );
}

const addressOf = (search: URLSearchParams, changes: Record<string, string | null>) => {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes))
    if (value === null) params.delete(name);
    else params.set(name, value);
  return { search: `?${params}` };
};

function Head({ column, sort, search }: { column: RowColumn; sort: string; search: URLSearchParams }) {
  const { head, numeric, sort: by } = column;
  if (!by) return <Th numeric={numeric}>{head}</Th>;
  const isSorted = sort.replace("-", "") === by;
  const down = sort.startsWith("-");
  // the third click goes back to the order that it came with
  const next = !isSorted ? `-${by}` : down ? by : null;
  const Arrow = isSorted && !down ? ArrowUp : ArrowDown;
  return (
    <Th numeric={numeric} aria-sort={isSorted ? (down ? "descending" : "ascending") : undefined}>
      <Link
        to={addressOf(search, { sort: next, cursor: null })}
        preventScrollReset
        className={`inline-flex items-center gap-1 rounded-sm hover:text-ink ${numeric ? "flex-row-reverse" : ""}`}
      >
        {head}
        <Arrow aria-hidden="true" className={`size-3 ${isSorted ? "" : "invisible"}`} />
      </Link>
    </Th>
  );
}

function Pages({
  next,
  search,
  shown,
  total,
}: {
  next: string | null;
  search: URLSearchParams;
  shown: number;
  total: number;
}) {
  const isLater = search.has("cursor");
  if (!next && !isLater) return null;
  return (
    <nav
      aria-label="Pages"
      className="flex items-center justify-between gap-3 border-t border-line px-5 py-3 text-sm"
    >
      {isLater ? (
        <Link to={addressOf(search, { cursor: null })} className={buttonClass("secondary", "sm")}>
          First page
        </Link>
      ) : (
        <span />
      )}
      <span className="text-ink-3">
        {formatCount(shown)} of {formatCount(total)}
      </span>
      {next ? (
        <Link
          to={addressOf(search, { cursor: next })}
          prefetch="intent"
          className={buttonClass("secondary", "sm")}
        >
          Next page
        </Link>
      ) : (
        <span />
      )}
    </nav>
  );
}
