import type { Day } from "./day.ts";
import type { Decimal } from "./decimal.ts";

/**
 * The shapes that the engine and its SQL twins share. Amounts are decimal text in major units; *annual* amounts hold at
 * most 12 decimals, as numeric(38,12) does. Days are 'YYYY-MM-DD' in the organisation's time zone.
 */

export type BillingStatus = "active" | "trialing" | "past_due" | "unpaid" | "paused" | "pause_collection";

/** One version of a subscription: what it pays per year from `fromDay` (inclusive) to `toDay` (exclusive; null = open). */
export interface SubscriptionState {
  customerId: string;
  subscriptionId: string;
  plan: string | null;
  currency: string;
  /** 'month', 'year', '3 month', … */
  interval: string;
  source: string;
  /** Customer columns at today's value. */
  country?: string | null;
  attributes?: Readonly<Record<string, string>>;
  fromDay: Day;
  toDay: Day | null;
  /** Per year in `currency`, after the discounts that count; never negative. */
  annual: Decimal;
  /** Default 'active'. `applyBilling` turns it into amounts; `buildLedger` reads it only for the cause of a churn. */
  status?: BillingStatus;
  /** Local time of day 'HH:MM:SS' of the start and the end; read only where netting is `none`. */
  fromTime?: string;
  toTime?: string;
  /** The end of the last paid period, where the grace of a past-due version begins; unknown: it counts. */
  pastDueSince?: Day | null;
  /** When what was past due was paid; and when the subscription ended or became unpaid because it was not. Null: neither. */
  pastDuePaidDay?: Day | null;
  pastDueLostDay?: Day | null;
  /** The day on which a cancellation at the period's end was asked for (policy `cancel: request`). */
  cancelRequestedDay?: Day | null;
}

/** The rate of a day is the newest on or before it. Of two for one pair and day the later in the list wins. */
export interface FxRate {
  day: Day;
  from: string;
  to: string;
  /** Major units of `to` for one of `from`; above 0. */
  rate: Decimal;
}

export type MovementKind = "new" | "expansion" | "reactivation" | "contraction" | "churn" | "fx";

/** Why, where the kind alone does not say. */
export type MovementCause = "free" | "involuntary" | "paused" | "moved";

/** One row of the ledger. The sum of `annual` up to a day, over 12, is that day's MRR. */
export interface Movement {
  customerId: string;
  day: Day;
  kind: MovementKind;
  /** Signed change per year, in the organisation's currency. */
  annual: Decimal;
  /** The state before it; that of a movement already holds the day's fx. */
  beforeAnnual: Decimal;
  /** Day and amount of the customer's first `new` row: its cohort, for ever. */
  cohortDay: Day;
  initialAnnual: Decimal;
  cause: MovementCause | null;
  /** The subscription that moved most. */
  subscriptionId: string | null;
}

/** Days on which an amount above 0 had no exchange rate: it counts 0, and metrics that touch the span are null. */
export interface UnvaluedSpan {
  customerId: string;
  currency: string;
  fromDay: Day;
  toDay: Day | null;
}

/** `movements` are sorted by customer, then day, the day's fx row first. */
export interface Ledger {
  movements: Movement[];
  unvalued: UnvaluedSpan[];
}
