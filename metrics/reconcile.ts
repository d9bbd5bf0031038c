import { applyBilling } from "./billing.ts";
import { currencyExponent, isCurrency } from "./currency.ts";
import { addDays, type Day } from "./day.ts";
import {
  add,
  compare,
  type Decimal,
  divide,
  type Exact,
  exact,
  formatDecimal,
  isPositive,
  multiply,
  parseDecimal,
  subtract,
  sum,
  zero,
} from "./decimal.ts";
import type { BillingStatus } from "./ledger.ts";
import { defaultPolicy, type PolicySettings, policyChoices, presetSettings } from "./policy.ts";

/**
 * A vendor's own figure beside ours, for one customer at the end of one month: equal, or which rule of counting makes the
 * difference. A rule explains a difference when our facts, counted by it, give the vendor's figure.
 */

/** Why our figure may rightly differ from the vendor's, the strongest reason first. */
export const reconcileReasons = [
  "equal",
  "discounts",
  "trial",
  "past_due",
  "paused",
  "cancel_date",
  "metered",
  "tax",
  "day_boundary",
  /** Several of the vendor's rules at once. */
  "rules",
  "currency",
  "excluded",
  "not_in_ours",
  "not_in_theirs",
  "inferred_history",
  "unexplained",
] as const;
export type ReconcileReason = (typeof reconcileReasons)[number];

type Confidence = "exact" | "invoice" | "inferred";

/** One version of a subscription, with what each choice of discounts leaves of it. */
export interface ComparedVersion {
  currency: string;
  status: BillingStatus;
  fromDay: Day;
  toDay: Day | null;
  pastDueDay: Day | null;
  /** When that was paid, or lost for good. */
  pastDuePaidDay?: Day | null;
  pastDueLostDay?: Day | null;
  cancelDay: Day | null;
  /** Per year in `currency`, without the tax that the price contains. */
  annual: Record<PolicySettings["discounts"], Decimal>;
  /** Per year before discounts, the contained tax included. */
  gross: Decimal;
  confidence: Confidence | null;
}

export interface Comparison {
  versions: readonly ComparedVersion[];
  /** Of their figure. */
  currency: string;
  /** Null: the file does not name the customer. */
  theirs: Decimal | null;
  /** The last day that counts: the month's, or today. */
  day: Day;
  today: Day;
  policy: PolicySettings;
  /** What metered use was billed for in the month, in `currency`. */
  usage: Decimal;
  /** `excluded`: left out of every number on purpose. `unknown`: no customer of the source. */
  standing: "counts" | "excluded" | "unknown";
}

export interface Compared {
  ours: Decimal;
  /** Ours less theirs; theirs counts 0 where the file does not name the customer. */
  difference: Decimal;
  reason: ReconcileReason;
  /** The choice that gives their figure: 'forever_only', 'counts', 'request'; for `currency` ours. */
  by: string | null;
  /** The weakest of what our figure was read from; null: nothing was there. */
  confidence: Confidence | null;
}

/** One way of counting. */
interface Reading {
  reason: ReconcileReason;
  by: string;
  policy: PolicySettings;
  /** A trial counts as if it were paid. */
  trials: boolean;
  /** The price with the tax that it contains. */
  taxed: boolean;
  /** So many days after the month's end. */
  shift: number;
}

const year = exact(12);

const amountIn = (version: ComparedVersion, { policy, taxed }: Reading): Exact => {
  const net = parseDecimal(version.annual[policy.discounts]);
  const list = parseDecimal(version.annual.none);
  return taxed && isPositive(list) ? divide(multiply(net, parseDecimal(version.gross)), list) : net;
};

/** What a version is worth per year by a reading, and from when to when. */
interface Worth {
  today: Day;
  amount: Exact;
  spans: { fromDay: Day; toDay: Day | null }[];
}

function worthOf(version: ComparedVersion, reading: Reading, today: Day): Worth {
  const states = applyBilling(
    [
      {
        ...{ customerId: "", subscriptionId: "", plan: null, interval: "", source: "", annual: "1" },
        currency: version.currency,
        fromDay: version.fromDay,
        toDay: version.toDay,
        status: reading.trials && version.status === "trialing" ? "active" : version.status,
        pastDueSince: version.pastDueDay,
        pastDuePaidDay: version.pastDuePaidDay,
        pastDueLostDay: version.pastDueLostDay,
        cancelRequestedDay: version.cancelDay,
      },
    ],
    reading.policy,
    today,
  );
  return { today, amount: amountIn(version, reading), spans: states.filter(({ annual }) => annual === "1") };
}

/** The same version is asked about for many months: what it is worth is worked out once. */
const known = new WeakMap<ComparedVersion, Map<Reading, Worth>>();

function findWorth(version: ComparedVersion, reading: Reading, today: Day): Worth {
  const byReading = known.get(version) ?? new Map<Reading, Worth>();
  known.set(version, byReading);
  const kept = byReading.get(reading);
  if (kept?.today === today) return kept;
  const worth = worthOf(version, reading, today);
  byReading.set(reading, worth);
  return worth;
}

const holdsOn = ({ spans }: Worth, day: Day): boolean =>
  spans.some(({ fromDay, toDay }) => fromDay <= day && (toDay === null || toDay > day));

/** MRR in one currency as a reading of the rules has it. */
function mrrBy({ versions, currency, today, day }: Comparison, reading: Reading): Exact {
  const at = reading.shift === 0 ? day : addDays(day, reading.shift);
  const worths = versions
    .filter((version) => version.currency === currency)
    .map((version) => findWorth(version, reading, today))
    .filter((worth) => holdsOn(worth, at));
  return divide(sum(worths.map(({ amount }) => amount)), year);
}

interface Readings {
  own: Reading;
  /** What may give the vendor's figure where ours does not, the likeliest first. */
  others: readonly Reading[];
}

const readings = new WeakMap<PolicySettings, Readings>();

function readingsBy(policy: PolicySettings): Readings {
  const kept = readings.get(policy);
  if (kept) return kept;
  const one = (reason: ReconcileReason, by: string, given: Partial<Reading>): Reading => ({
    ...{ reason, by, policy, trials: false, taxed: false, shift: 0 },
    ...given,
  });
  const rule = <Key extends keyof typeof policyChoices>(reason: ReconcileReason, key: Key) =>
    policyChoices[key]
      .filter((choice) => choice !== policy[key])
      .map((choice) => one(reason, choice, { policy: { ...policy, [key]: choice } }));
  const stripe: PolicySettings = { ...defaultPolicy, ...presetSettings.stripe };
  const made: Readings = {
    own: one("equal", "own", {}),
    others: [
      ...rule("discounts", "discounts"),
      one("trial", "counts", { trials: true }),
      ...rule("past_due", "past_due"),
      ...rule("paused", "paused"),
      ...rule("paused", "pause_collection"),
      ...rule("cancel_date", "cancel"),
      one("tax", "taxed", { taxed: true }),
      one("day_boundary", "before", { shift: -1 }),
      one("day_boundary", "after", { shift: 1 }),
      ...policyChoices.discounts.flatMap((discounts) => [
        one("rules", "stripe", { policy: { ...stripe, discounts } }),
        one("rules", "stripe", { policy: { ...stripe, discounts }, trials: true }),
      ]),
    ],
  };
  readings.set(policy, made);
  return made;
}

const confidenceOrder: readonly Confidence[] = ["exact", "invoice", "inferred"];

/** The weakest confidence of what holds around the day: also an end that was inferred makes a figure inferred. */
function confidenceOf({ versions, day }: Comparison): Confidence | null {
  const month = addDays(day, -31);
  const near = versions.filter(({ fromDay, toDay }) => fromDay <= day && (toDay === null || toDay > month));
  const found = near.map(({ confidence }) => confidenceOrder.indexOf(confidence ?? "exact"));
  return found.length === 0 ? null : (confidenceOrder[Math.max(...found)] ?? null);
}

/** One minor unit: vendors round each figure, we round none. */
const tolerance = (currency: string): Exact =>
  exact(1, 10n ** BigInt(isCurrency(currency) ? currencyExponent(currency) : 2));

const magnitude = (a: Exact): Exact => (compare(a, zero) < 0 ? subtract(zero, a) : a);

/** Compares one customer's figures at one month's end. Figures within one minor unit of each other are equal. */
export function compareMrr(comparison: Comparison): Compared {
  const { day, today, currency, versions, standing } = comparison;
  const { own, others } = readingsBy(comparison.policy);
  const theirs = parseDecimal(comparison.theirs ?? "0");
  const ours = standing === "excluded" ? zero : mrrBy(comparison, own);
  const within = tolerance(currency);
  const isTheirs = (figure: Exact) => compare(magnitude(subtract(figure, theirs)), within) <= 0;
  const confidence = confidenceOf(comparison);
  const because = (reason: ReconcileReason, by: string | null = null): Compared => ({
    ours: formatDecimal(ours),
    difference: formatDecimal(subtract(ours, theirs)),
    ...{ reason, by, confidence },
  });

  if (isTheirs(ours)) return because("equal");
  if (standing === "unknown") return because("not_in_ours");
  if (standing === "excluded") return because("excluded");
  const found = others.find((reading) => isTheirs(mrrBy(comparison, reading)));
  if (found && found.reason !== "rules") return because(found.reason, found.by);
  if (isTheirs(add(ours, parseDecimal(comparison.usage)))) return because("metered");
  if (found) return because(found.reason, found.by);
  const other = versions.find(
    (version) => version.currency !== currency && holdsOn(findWorth(version, own, today), day),
  );
  if (other && !isPositive(ours)) return because("currency", other.currency);
  if (comparison.theirs === null) return because("not_in_theirs");
  if (confidence !== null && confidence !== "exact") return because("inferred_history", confidence);
  return because("unexplained");
}
