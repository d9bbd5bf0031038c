import { Link } from "@remix-run/react";
import {
  CalendarX2,
  ChevronRight,
  Coins,
  FileSpreadsheet,
  type LucideIcon,
  Merge,
  RefreshCw,
  Settings2,
  Split,
  Undo2,
  Unplug,
  UserMinus,
  UserPlus,
} from "lucide-react";
import { formatCounted, formatMoney } from "#charts/format.ts";
import { formatDateTime, formatPeriod, formatPeriodRange } from "#charts/format-dates.ts";
import type { RestatementEvent } from "#contracts/restatements.ts";
import { Table, Td, Th } from "../../components/table.tsx";
import { explainLink } from "../../lib/explain-link.ts";
import { toneOf } from "./tone.ts";

const icons: Record<string, LucideIcon> = {
  upload: FileSpreadsheet,
  undo: Undo2,
  merge: Merge,
  split: Split,
  exclusion: UserMinus,
  inclusion: UserPlus,
  sync: RefreshCw,
  disconnect: Unplug,
  "past due": CalendarX2,
  "fx rate": Coins,
};

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** One change of closed months: what happened, and opened, each month before and after. Works without scripts. */
export function ChangeEntry({
  event,
  timezone,
  open,
  month,
}: {
  event: RestatementEvent;
  timezone: string;
  open: boolean;
  /** The month that the reader asked for; it stands out. */
  month: string | null;
}) {
  const { months, currency, before_currency: before } = event;
  const [first, last] = [months.at(0), months.at(-1)];
  const shown = months.find((one) => one.month === month) ?? last;
  const Icon = icons[event.cause] ?? Settings2;
  // one column, one number of decimals
  const mixes = months.some((one) =>
    [one.before_mrr, one.after_mrr, one.change].some((text) => text?.includes(".")),
  );
  const style = mixes ? "cents" : "exact";
  return (
    <li id={event.id} className="min-w-0 scroll-mt-20">
      <details open={open} className="group/entry rounded-xl border border-line bg-surface">
        <summary className="flex list-none items-start gap-3 rounded-xl px-4 py-3.5 hover:bg-hover/50 sm:px-5 [&::-webkit-details-marker]:hidden">
          <span
            aria-hidden="true"
            className="mt-0.5 grid size-7 shrink-0 place-items-center rounded-lg bg-sunken text-ink-2"
          >
            <Icon className="size-4" strokeWidth={1.75} />
          </span>
          <span className="grid min-w-0 flex-1 gap-0.5">
            <span className="text-sm font-medium wrap-anywhere">{capital(event.reason)}</span>
            <span className="text-xs text-ink-3 wrap-anywhere">
              <time dateTime={event.at}>{formatDateTime(event.at, timezone)}</time>
              {event.actor ? ` · ${event.actor}` : null}
            </span>
          </span>
          <span className="grid shrink-0 justify-items-end gap-0.5 text-right">
            <span className={`tabular text-sm font-semibold ${toneOf(shown?.change ?? null)}`}>
              {shown?.change
                ? formatMoney(shown.change, currency, { signed: true })
                : `${before} → ${currency}`}
            </span>
            <span className="text-xs text-ink-3">
              {months.length > 1 && shown === last ? "in " : ""}
              {formatPeriod(shown?.month)}
            </span>
          </span>
          <ChevronRight
            aria-hidden="true"
            className="mt-1 size-4 shrink-0 text-ink-3 transition-transform duration-150 group-open/entry:rotate-90"
          />
        </summary>
        <div className="border-t border-line">
          <p className="flex flex-wrap gap-x-3 gap-y-1 px-4 pt-3 pb-1 text-sm text-ink-2 sm:px-5">
            <span>
              {first && last
                ? `${formatCounted(months.length, "closed month")} moved: ${formatPeriodRange(first.month, last.month)}`
                : null}
            </span>
            {event.upload ? (
              <Link to={`/uploads/${event.upload.id}`} className="link wrap-anywhere" prefetch="intent">
                Open {event.upload.file_name}
              </Link>
            ) : null}
            {event.source?.exists ? (
              <Link to={`/sources/${event.source.id}`} className="link wrap-anywhere" prefetch="intent">
                Open {event.source.name}
              </Link>
            ) : null}
          </p>
          {before === currency ? null : (
            <p className="px-4 pb-1 text-sm text-ink-3 sm:px-5">
              Amounts before are in {before}, amounts after in {currency}: their difference would say nothing.
            </p>
          )}
          <Table
            label={`Months moved because ${event.reason}`}
            className="max-h-105 overflow-y-auto max-sm:[&_td]:px-1.5 max-sm:[&_td]:text-xs max-sm:[&_th]:px-1.5 max-sm:[&_:is(td,th):first-child]:pl-4 max-sm:[&_:is(td,th):last-child]:pr-4"
          >
            <thead>
              <tr>
                <Th>Month</Th>
                <Th numeric>MRR before</Th>
                <Th numeric>MRR after</Th>
                <Th numeric>Change</Th>
              </tr>
            </thead>
            <tbody>
              {months.toReversed().map((one) => (
                <tr key={one.month} className={one.month === month ? "bg-accent-soft" : undefined}>
                  <Td className="whitespace-nowrap">
                    <Link
                      to={explainLink({ metric: "mrr", period: one.month })}
                      className="hover:underline"
                      title={`Explain the MRR of ${formatPeriod(one.month, "long")} as it is now`}
                    >
                      {formatPeriod(one.month)}
                    </Link>
                  </Td>
                  <Td numeric className="text-ink-2">
                    {formatMoney(one.before_mrr, before, { style })}
                  </Td>
                  <Td numeric>{formatMoney(one.after_mrr, currency, { style })}</Td>
                  <Td numeric className={toneOf(one.change)}>
                    {formatMoney(one.change, currency, { signed: true, style })}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      </details>
    </li>
  );
}
