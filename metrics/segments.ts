import { sizeBand } from "./composition.ts";
import { type Day, monthsBetween } from "./day.ts";
import { type Decimal, fromUnits, toUnits } from "./decimal.ts";
import { listHistories, stateAt } from "./history.ts";
import type { Ledger } from "./ledger.ts";
import { tenureBand } from "./tenure.ts";

/** What a subscription has: a condition on it keeps only the matching amounts. */
export const subscriptionKeys = ["plan", "interval", "currency", "source"] as const;
/** What a customer has today: a condition on it chooses customers. Beside these: `attr.NAME`. */
export const customerKeys = ["country", "size", "tenure"] as const;
/** Keys that can be compared by number: MRR in the organisation's currency, whole months since the first payment. */
export const numberKeys = ["size", "tenure"] as const;

type SubscriptionKey = (typeof subscriptionKeys)[number];
export type ConditionKey = SubscriptionKey | (typeof customerKeys)[number] | `attr.${string}`;

/**
 * One row of a segment. `is`: any of the values, `is_not`: none of them; the empty value is "not set". `at_least` and
 * `at_most` take one number and never match what is not set.
 */
export interface Condition {
  key: ConditionKey;
  op: "is" | "is_not" | "at_least" | "at_most";
  values: readonly string[];
}
/** A segment: saved conditions, joined by "all of" and "any of". */
export type Expression = { all: readonly Expression[] } | { any: readonly Expression[] } | Condition;

export const isSubscriptionKey = (key: string): key is SubscriptionKey =>
  (subscriptionKeys as readonly string[]).includes(key);

/** The rows of an expression, in reading order. */
export function conditionsOf(expression: Expression): Condition[] {
  if ("all" in expression) return expression.all.flatMap(conditionsOf);
  if ("any" in expression) return expression.any.flatMap(conditionsOf);
  return [expression];
}

/** True where it asks nothing of subscriptions: it chooses customers, with everything that they pay. */
export const choosesCustomers = (expression: Expression): boolean =>
  conditionsOf(expression).every(({ key }) => !isSubscriptionKey(key));

/** What today says of a customer; who pays nothing has no size, who never paid no tenure. */
export interface Standing {
  /** Annual, in the organisation's currency. */
  annual: Decimal | null;
  tenureMonths: number | null;
}

/** Standings by customer, from the ledger of everything that they pay. */
export const listStandings = (ledger: Ledger, today: Day): Map<string, Standing> =>
  new Map(
    listHistories(ledger)
      .filter(({ cohortDay }) => cohortDay <= today)
      .map((history) => {
        const { amount } = stateAt(history, today);
        return [
          history.customerId,
          {
            annual: amount > 0n ? fromUnits(amount) : null,
            tenureMonths: monthsBetween(history.cohortDay, today),
          },
        ];
      }),
  );

/** One version of a subscription with its customer: what an expression is asked of. */
export interface Subject extends Standing {
  plan: string | null;
  interval: string;
  currency: string;
  source: string;
  country?: string | null | undefined;
  attributes?: Readonly<Record<string, string>> | undefined;
}

/** Whether a version matches: the engine's word, to which db/queries/filters.ts is held. */
export function matchesExpression(expression: Expression, subject: Subject): boolean {
  if ("all" in expression) return expression.all.every((one) => matchesExpression(one, subject));
  if ("any" in expression) return expression.any.some((one) => matchesExpression(one, subject));
  const { key, op, values } = expression;
  switch (op) {
    case "is":
      return values.includes(heldBy(key, subject));
    case "is_not":
      return !values.includes(heldBy(key, subject));
    case "at_least":
      return compareNumber(key, subject, values[0] ?? "", (own, asked) => own >= asked);
    case "at_most":
      return compareNumber(key, subject, values[0] ?? "", (own, asked) => own <= asked);
  }
}

function heldBy(key: ConditionKey, subject: Subject): string {
  switch (key) {
    case "plan":
      return subject.plan ?? "";
    case "interval":
      return subject.interval;
    case "currency":
      return subject.currency;
    case "source":
      return subject.source;
    case "country":
      return subject.country ?? "";
    case "size":
      return subject.annual === null ? "" : sizeBand(subject.annual);
    case "tenure":
      return subject.tenureMonths === null ? "" : tenureBand(subject.tenureMonths);
    default:
      return subject.attributes?.[key.slice("attr.".length)] ?? "";
  }
}

function compareNumber(
  key: ConditionKey,
  { annual, tenureMonths }: Subject,
  value: string,
  holds: (own: bigint, asked: bigint) => boolean,
): boolean {
  if (key === "size") return annual !== null && holds(toUnits(annual), 12n * toUnits(value));
  return key === "tenure" && tenureMonths !== null && holds(BigInt(tenureMonths), BigInt(value));
}
