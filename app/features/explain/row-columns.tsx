import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { formatMoney } from "#charts/format.ts";
import { formatDay, formatPeriod } from "#charts/format-dates.ts";
import { movementNames } from "#charts/movement-names.ts";
import { cssPalette } from "#charts/palette.ts";
import type { ExplainMovement } from "#contracts/explain.ts";
import { causeWords } from "./explain-words.ts";

/** Which columns the rows of an explanation have, by what they are. */
export interface RowColumn {
  head: string;
  numeric?: boolean;
  /** What the list can be sorted by here. */
  sort?: "size" | "date";
  cell: (row: ExplainMovement) => ReactNode;
}

export function rowColumns(type: ExplainMovement["type"], currency: string, counts: boolean): RowColumn[] {
  const money = (amount: string | null, signed = false) =>
    formatMoney(amount, currency, { style: "cents", signed });
  const amount = (head: string, of: (row: ExplainMovement) => string | null, sort?: "size"): RowColumn => ({
    ...{ head, numeric: true },
    ...(sort && { sort }),
    cell: (row) => money(of(row)),
  });
  const date = (head: string): RowColumn => ({
    ...{ head, sort: "date" },
    cell: (row) => (
      <time dateTime={row.date} className="tabular whitespace-nowrap">
        {formatDay(row.date)}
      </time>
    ),
  });
  const counted: RowColumn = {
    ...{ head: "Counts", numeric: true },
    cell: (row) => <Counted row={row} money={money} />,
  };
  switch (type) {
    case "state":
      return [customer, amount("MRR", ({ after }) => after, "size"), date("Since"), kind("Last change")];
    case "movement":
      return [
        ...[date("Date"), customer, kind("Movement")],
        ...[amount("Before", ({ before }) => before), amount("After", ({ after }) => after)],
        {
          ...{ head: "Change", numeric: true, sort: "size" },
          cell: (row) => <span className={changeTone(row)}>{money(row.amount, true)}</span>,
        },
        ...(counts ? [counted] : []),
      ];
    case "comparison":
      return [customer, amount("Then", ({ before }) => before), amount("Now", ({ after }) => after), counted];
    case "member":
      return [
        ...[customer, date("Joined"), amount("First MRR", ({ before }) => before)],
        ...[amount("Then", ({ after }) => after), counted],
      ];
    case "trial":
      return [customer, date("Began"), { head: "Outcome", cell: ({ note }) => trialWords(note) }];
    case "spend":
      return [
        { head: "Month", sort: "date", cell: (row) => formatPeriod(row.date.slice(0, 7), "long") },
        { head: "Category", cell: ({ note }) => note || "–" },
        amount("Amount", (row) => row.amount, "size"),
      ];
    case "transaction":
      return [date("Date"), customer, amount("Amount", (row) => row.amount, "size")];
  }
}

/** "paid since 2026-01-03" */
const trialWords = (note: string | null): string =>
  note?.startsWith("paid since ") ? `Pays since ${formatDay(note.slice(11))}` : "Has not paid";

const customer: RowColumn = {
  head: "Customer",
  cell: ({ customer_id, customer_name }) =>
    customer_id === null ? (
      "–"
    ) : (
      <Link
        to={`/customers/${encodeURIComponent(customer_id)}`}
        className="block max-w-64 min-w-32 truncate rounded-sm font-medium hover:underline hover:decoration-line-control hover:underline-offset-2"
      >
        {customer_name || customer_id}
      </Link>
    ),
};

const kind = (head: string): RowColumn => ({
  head,
  cell: (row) =>
    row.kind === null ? (
      "–"
    ) : (
      <span className="flex items-center gap-2 whitespace-nowrap">
        <span
          aria-hidden="true"
          className="size-2.5 shrink-0 rounded-[3px]"
          style={{ background: cssPalette.movements[row.kind] }}
        />
        {movementNames[row.kind]}
        {row.cause ? <span className="text-xs text-ink-3">{causeWords[row.cause] ?? row.cause}</span> : null}
      </span>
    ),
});

function Counted({ row, money }: { row: ExplainMovement; money: (amount: string | null) => string }) {
  if (row.part === "not_counted") return <span className="text-ink-3">not counted</span>;
  if (row.counted !== null) return <span className="font-medium">{money(row.counted)}</span>;
  return row.counted_customers > 0 ? (
    <span className="font-medium">{row.counted_customers}</span>
  ) : (
    <span className="text-ink-3">0</span>
  );
}

const changeTone = ({ amount, kind: movement }: ExplainMovement): string =>
  movement === "fx" || amount === null
    ? "text-ink-2"
    : amount.startsWith("-")
      ? "text-negative"
      : "text-positive";
