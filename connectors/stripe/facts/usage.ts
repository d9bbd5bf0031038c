import type { UsageFact } from "#contracts/source-facts.ts";
import { isPositive } from "#metrics/decimal.ts";
import { instantOf } from "./calendar.ts";
import { type Invoice, netOf } from "./invoice.ts";
import { decimalText, toMajor } from "./money.ts";

/** Metered lines: revenue, and never MRR. Their period is the one in which it was used, which is over when it is billed. */
export function usageOf(invoices: readonly Invoice[]): UsageFact[] {
  return invoices.flatMap(({ lines, currency }) =>
    lines.flatMap((line) => {
      const net = netOf(line);
      if (!line.price?.metered || line.proration || !isPositive(net) || currency === "") return [];
      const upper = currency.toUpperCase();
      return [
        {
          evidence: `invoice_line:${line.id}`,
          at: instantOf(line.start),
          amount: decimalText(toMajor(net, upper)),
          currency: upper,
        },
      ];
    }),
  );
}
