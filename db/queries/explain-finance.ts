import type { FinanceInput } from "#metrics/explanation.ts";
import { marginOn, sumFinance } from "#metrics/finance.ts";
import { type Calendar, type Period, periodEnd, periodStart, shiftPeriod } from "#metrics/period.ts";
import type { ListSpan } from "./explain-movements.ts";
import type { LedgerTx } from "./ledger.ts";
import type { LedgerSource } from "./ledger-source.ts";
import { findFinance, findSpend } from "./period-facts.ts";

/** What finance gave for a period, as the metrics that need it take it. */
export async function findFinanceInputs(
  tx: LedgerTx,
  source: LedgerSource,
  { period, span, calendar }: { period: Period; span: ListSpan; calendar: Calendar | undefined },
): Promise<Record<FinanceInput, string | null>> {
  const months = await findFinance(tx, source);
  const sums = sumFinance(months, { period, ...span });
  const before = shiftPeriod(period, -1, calendar);
  const endDay = periodEnd(before, calendar);
  const [spend] = await findSpend(tx, source, [
    { period: before, fromDay: periodStart(before, calendar), cutDay: endDay, endDay },
  ]);
  return {
    margin: marginOn(months, span.cutDay),
    revenue: sums?.revenue ?? null,
    profit: sums?.profit ?? null,
    net_burn: sums?.netBurn ?? null,
    spend_before: spend?.amount ?? null,
  };
}
