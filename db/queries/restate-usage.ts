import { sql } from "drizzle-orm";
import { addMonths, type Day, laterDay } from "#metrics/day.ts";
import { periodOf, shiftPeriod } from "#metrics/period.ts";
import type { PolicySettings } from "#metrics/policy.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import type { LedgerTx } from "./ledger.ts";
import { getMetricsWith } from "./metrics.ts";
import { type MonthMoved, type RestatementCause, writeMonths } from "./restate.ts";

type Usage = PolicySettings["usage"];
/** Months before that are nobody's history. */
const oldestMonths = 1200;

/**
 * A switch of the rule `usage` moves MRR and leaves the ledger as it is: the closed months that it moved are written to the
 * restatement log here, as a refresh writes those that the ledger moved.
 */
export async function restateUsage(
  tx: LedgerTx,
  [before, after]: readonly [Usage, Usage],
  request: RestatementCause,
): Promise<void> {
  if (before === after) return;
  const settings = await getAnalyticsSettings(tx);
  const [found] = await tx.rows<{ day: Day | null }>(sql`
    SELECT min(day)::text AS day FROM transaction WHERE org_id = ${tx.orgId} AND amount IS NOT NULL`);
  const last = shiftPeriod(periodOf(settings.today, "month"), -1);
  if (!found?.day) return;
  const from = periodOf(laterDay(found.day, addMonths(settings.today, -oldestMonths)), "month");
  if (from > last) return;
  const query = { names: ["arr"], grain: "month" as const, from, to: last, filter: {} };
  const under = async (usage: Usage) => {
    const policy = { ...settings.policy, usage };
    return (await getMetricsWith(tx, { ...settings, policy }, query)).metrics.arr ?? [];
  };
  const then = await under(before);
  const moved = (await under(after)).flatMap(({ period, value }, i): MonthMoved[] => {
    const old = then[i]?.value ?? null;
    return old === null || value === null || old === value
      ? []
      : [{ month: `${period}-01`, before: String(old), after: String(value) }];
  });
  await writeMonths(tx, request, moved);
}
