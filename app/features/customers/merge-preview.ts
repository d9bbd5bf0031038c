import { useEffect, useState } from "react";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { add, formatDecimal, parseDecimal } from "#metrics/decimal.ts";

type Side = Pick<CustomerDetail, "customer_id" | "name" | "mrr" | "first_paid">;

export interface MergePreview {
  /** Null where an amount has no exchange rate. */
  mrr: string | null;
  /** Day of the earliest first payment. */
  firstPaid: string | null;
}

/** What two customers make together: the sum of what they pay, in the cohort of whoever paid first. */
export function previewMerge(a: Side, b: Side): MergePreview {
  const days = [a.first_paid, b.first_paid].filter((day) => day !== null).sort();
  return {
    mrr:
      a.mrr === null || b.mrr === null ? null : formatDecimal(add(parseDecimal(a.mrr), parseDecimal(b.mrr))),
    firstPaid: days[0] ?? null,
  };
}

/** The customer that was chosen, asked for anew; null until it is there. */
export function useChosenCustomer(id: string | null): { customer: CustomerDetail | null; failed: boolean } {
  const [found, setFound] = useState<{ id: string; customer: CustomerDetail | null } | null>(null);
  useEffect(() => {
    if (id === null) return;
    const stop = new AbortController();
    const ask = async () => {
      try {
        const { trpc } = await import("../../lib/trpc.ts");
        const customer = await trpc.analytics.customer.query({ id }, { signal: stop.signal });
        if (!stop.signal.aborted) setFound({ id, customer });
      } catch {
        if (!stop.signal.aborted) setFound({ id, customer: null });
      }
    };
    void ask();
    return () => stop.abort();
  }, [id]);
  const isIt = found !== null && found.id === id;
  return { customer: isIt ? found.customer : null, failed: isIt && found.customer === null };
}
