import type { Decimal } from "#metrics/decimal.ts";
import type { BillingStatus } from "#metrics/ledger.ts";

/**
 * What every connector turns a vendor's objects into, and the rest of the product understands. Instants are ISO 8601 with a zone,
 * amounts decimal text in major units.
 */

/** One object as the vendor gave it. `(stream, id)` is its key within a source. */
export interface RawObject {
  stream: string;
  id: string;
  /** The vendor's id of the customer it belongs to; null: it belongs to none (a price, a coupon). */
  customerId: string | null;
  /** The object that it is a part of (a line's invoice, an item's subscription), or null. */
  parentId: string | null;
  /** Nothing but what the vendor said; a tombstone where `deleted`. */
  body: Record<string, unknown>;
  deleted: boolean;
}

/** How a fact is known: from the state itself, from what was invoiced, or from what is left when neither says. */
export const confidences = ["exact", "invoice", "inferred"] as const;
export type Confidence = (typeof confidences)[number];

/** One version of one item of a subscription: what it is worth from `startedAt` to `endedAt` (exclusive; null: open). */
export interface VersionFact {
  /** The same for all versions of one item, and different from every other item's of the source. */
  key: string;
  subscriptionId: string;
  plan: string | null;
  /** ISO 4217, upper case. */
  currency: string;
  /** As `intervalText` of metrics/normalise.ts: 'month', '3 month'. */
  interval: string;
  quantity: Decimal;
  /** Per interval, for one; of a tiered price what the whole quantity costs, over the quantity. */
  unitAmount: Decimal;
  /** Per year without contained tax: before any discount, and after those that each policy counts. */
  annual: { none: Decimal; all: Decimal; recurring: Decimal; forever: Decimal };
  status: BillingStatus;
  startedAt: string;
  endedAt: string | null;
  trialEnd: string | null;
  /** The end of the last paid period, where `status` is past_due or unpaid. */
  pastDueSince: string | null;
  /** When a cancellation at the period's end was asked for. */
  cancelRequestedAt: string | null;
  confidence: Confidence;
  /** What it was read from, the strongest first: 'subscription:sub_1', 'invoice:in_1', 'event:evt_1'. */
  evidence: readonly string[];
  /** The factor and the discounts in words, for "explain": '2 × $20.00, − 10 % (10OFF, forever), ÷ 12'. */
  note: string | null;
}

/** What a source says of a customer. */
export interface CustomerFact {
  externalId: string;
  name: string | null;
  email: string | null;
  /** ISO 3166, two letters. */
  country: string | null;
  signedUpAt: string | null;
  attributes: Record<string, string>;
  /** The vendor deleted it; its history stays. */
  deleted: boolean;
}

/** Revenue from metered use, by the line that billed it; dated by the period that it is for. */
export interface UsageFact {
  /** 'invoice_line:il_1' */
  evidence: string;
  at: string;
  amount: Decimal;
  currency: string;
}

/** All that is known of one customer: replaces whatever the source said of it before. */
export interface CustomerFacts {
  customer: CustomerFact;
  versions: VersionFact[];
  usage: UsageFact[];
  /** What could not be used, in words: 'coupon SAVE5 has no amount in eur'. */
  warnings: string[];
}
