import type { KeepCounts, ValueCount } from "#db/queries/filter-options.ts";
import type { Limits } from "#root/env.ts";

const heldMs = 60_000;
const mostHeld = 1_000;
const held = new Map<string, { until: number; counts: ValueCount[] }>();

/**
 * How many customers have a value, where that takes a look at every customer of a large organisation: up to a minute old. Numbers move
 * with every change; whoever looks at them need not wait for how many each filter would find.
 */
export const keepCounts =
  ({ env, org }: { env: { LIMITS: Pick<Limits, "answersKept"> }; org: { id: string } }): KeepCounts =>
  async (name, count) => {
    const key = `${org.id} ${name}`;
    const known = held.get(key);
    if (known && known.until > Date.now() && env.LIMITS.answersKept > 0) return known.counts;
    const counts = await count();
    held.delete(key);
    held.set(key, { until: Date.now() + heldMs, counts });
    for (const oldest of held.keys()) {
      if (held.size <= mostHeld) break;
      held.delete(oldest);
    }
    return counts;
  };
