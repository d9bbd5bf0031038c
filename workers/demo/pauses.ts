import { addMonths } from "#metrics/day.ts";
import type { Story } from "./customers.ts";
import { chanceOf } from "./random.ts";
import type { DemoVersion } from "./subscriptions.ts";

/** As a billing system writes it; empty where a subscription simply runs. */
export type DemoRow = DemoVersion & { status: "paused" | null };

/**
 * A few who pay by the month take a break of one to three months, some of them now: whether it counts is a matter of policy. The
 * break lies in the last version of a customer.
 */
export function withPauses(story: Story, versions: readonly DemoVersion[]): DemoRow[] {
  const chance = chanceOf(8, versions[0]?.customer.index ?? 0);
  const rows = versions.map((version): DemoRow => ({ ...version, status: null }));
  const last = rows.at(-1);
  if (last?.interval !== "month" || !chance.happens(0.09)) return rows;
  const from = addMonths(last.startedAt, chance.between(2, 9));
  const resumed = addMonths(from, chance.between(1, 3));
  const until = last.endedAt ?? "9999-12-31";
  if (from > story.today || resumed >= until) return rows;
  const before: DemoRow = { ...last, endedAt: null };
  const pause: DemoRow = { ...last, status: "paused", startedAt: from, trialEnd: null };
  if (resumed > story.today) return [...rows.slice(0, -1), before, pause];
  const after: DemoRow = { ...last, startedAt: resumed, trialEnd: null };
  return [...rows.slice(0, -1), before, { ...pause, endedAt: null }, after];
}
