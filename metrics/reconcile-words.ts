import type { PolicySettings } from "./policy.ts";
import type { Compared } from "./reconcile.ts";

/** Why a vendor's figure is another than ours, in a sentence for whoever compares the two. */

const discountWords: Record<PolicySettings["discounts"], string> = {
  recurring: "discounts that run for ever or for some months",
  forever_only: "only discounts that run for ever",
  all: "every discount",
  none: "no discount",
};

const pastDueWords: Record<string, string> = {
  counts: "A payment is overdue: Stripe’s figure counts it, by your rule it counts no longer.",
  churn: "A payment is overdue: Stripe’s figure leaves it out, by your rule it still counts.",
  grace: "A payment is overdue: Stripe’s figure gives it some days, by your rule it has none.",
};

const pausedWords: Record<string, string> = {
  counts: "It is paused: Stripe’s figure counts it, by your rule it is 0.",
  zero: "It is paused: Stripe’s figure leaves it out, by your rule it counts.",
};

const cancelWords: Record<string, string> = {
  request:
    "A cancellation was asked for: Stripe’s figure ends with the request, by your rule it counts to the end of the paid period.",
  period_end:
    "A cancellation was asked for: Stripe’s figure counts to the end of the paid period, by your rule it ended with the request.",
};

/** @param currency that of the vendor's figure */
export function reconcileSentence(
  { reason, by }: Pick<Compared, "reason" | "by">,
  { policy, currency }: { policy: Pick<PolicySettings, "discounts">; currency: string },
): string {
  switch (reason) {
    case "equal":
      return "The same, to the minor unit.";
    case "discounts": {
      const theirs = discountWords[by as PolicySettings["discounts"]] ?? "other discounts";
      return `Stripe’s figure takes off ${theirs}; by your rule ${discountWords[policy.discounts]} ${policy.discounts === "none" || policy.discounts === "all" ? "comes" : "come"} off.`;
    }
    case "trial":
      return "Stripe’s figure counts a trial; here a trial is 0 until it ends.";
    case "past_due":
      return pastDueWords[by ?? ""] ?? "A payment is overdue, and the rules for that differ.";
    case "paused":
      return pausedWords[by ?? ""] ?? "It is paused, and the rules for that differ.";
    case "cancel_date":
      return cancelWords[by ?? ""] ?? "A cancellation was asked for, and the rules for that differ.";
    case "metered":
      return "The difference is what metered use was billed for in this month: usage is no MRR here.";
    case "tax":
      return "Stripe’s figure holds the tax that the price contains; here MRR is without tax.";
    case "day_boundary":
      return "It changed within a day of the month’s end: Stripe counts days in its account’s time zone, you in yours.";
    case "rules":
      return "Several of Stripe’s rules together give its figure. The policy preset “stripe” counts as Stripe does.";
    case "currency":
      return `Here it is paid in ${by ?? "another currency"}; the file’s figure is in ${currency}.`;
    case "excluded":
      return "You took this customer out of every number.";
    case "inferred_history":
      return by === "invoice"
        ? "What held in this month was read from invoices: Stripe’s API no longer tells the subscription’s state of then."
        : "What held in this month is inferred: neither the subscription nor an invoice tells it.";
    case "not_in_ours":
      return "No customer of this source has this id.";
    case "not_in_theirs":
      return "The file does not name this customer.";
    case "unexplained":
      return "No rule explains it. Open the customer to see what the figure is made of.";
  }
}
