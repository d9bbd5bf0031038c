import { addDays, type Day, daysBetween } from "./day.ts";
import { fromUnits, toUnits } from "./decimal.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import type {
  FxRate,
  Ledger,
  Movement,
  MovementCause,
  MovementKind,
  SubscriptionState,
  UnvaluedSpan,
} from "./ledger.ts";
import type { PolicySettings } from "./policy.ts";
import { unvaluedSpans } from "./unvalued.ts";

/** From subscription states to the movement ledger (metrics.md §3). */

type MovementPolicy = Pick<PolicySettings, "free_payer" | "return_after_days" | "netting">;

export interface LedgerInput {
  /** In any order, statuses settled by `applyBilling`. Excluded customers are left out by the caller. */
  states: readonly SubscriptionState[];
  rates: readonly FxRate[];
  /** The organisation's currency. */
  currency: string;
  policy: MovementPolicy;
  /** A subscription filter: the ledger is computed as if only the matching states existed. */
  matches?: (state: SubscriptionState) => boolean;
}

/** A point in time that sorts as text: the day, or, where each event counts, the day and its local time. */
type Moment = string;

interface Version {
  state: SubscriptionState;
  from: Moment;
  to: Moment | null;
  matches: boolean;
}

const dayOf = (moment: Moment): Day => moment.slice(0, 10);

function versionOf(state: SubscriptionState, netting: MovementPolicy["netting"], matches: boolean): Version {
  const moment = (day: Day, time: string | undefined): Moment =>
    netting === "day" ? day : `${day}T${time ?? "00:00:00"}`;
  return {
    state,
    from: moment(state.fromDay, state.fromTime),
    to: state.toDay === null ? null : moment(state.toDay, state.toTime),
    matches,
  };
}

/** Every moment at which the customer's amount may change, ascending. */
function momentsOf(
  versions: readonly Version[],
  exchange: Exchange,
  netting: MovementPolicy["netting"],
): Moment[] {
  const moments = new Set<Moment>();
  for (const { state, from, to } of versions) {
    moments.add(from);
    if (to !== null) moments.add(to);
    for (const day of exchange.changeDays(state.currency)) {
      const moment = netting === "day" ? day : `${day}T00:00:00`;
      if (moment > from && (to === null || moment <= to)) moments.add(moment);
    }
  }
  return [...moments].sort();
}

/** What one moment does to a customer, in units of 10^-12 a year. */
interface Step {
  fx: bigint;
  /** Of the matching states, after the moment. */
  after: bigint;
  /** Change of the states that the filter leaves out: a swap shows as its opposite. */
  othersChange: bigint;
  /** Matching states that live on and pay nothing, for want of a price rather than of a rate. */
  freeStates: SubscriptionState[];
  fxBySubscription: Map<string, bigint>;
  changeBySubscription: Map<string, bigint>;
}

const bump = (map: Map<string, bigint>, key: string, change: bigint): void => {
  map.set(key, (map.get(key) ?? 0n) + change);
};

function stepAt(
  moment: Moment,
  previous: Moment | null,
  versions: readonly Version[],
  exchange: Exchange,
): Step {
  const day = dayOf(moment);
  // earlier moments of one day have seen the day's rate already
  const dayBefore = previous !== null && dayOf(previous) === day ? day : addDays(day, -1);
  const step: Step = {
    fx: 0n,
    after: 0n,
    othersChange: 0n,
    freeStates: [],
    fxBySubscription: new Map(),
    changeBySubscription: new Map(),
  };
  for (const { state, from, to, matches } of versions) {
    const was = from < moment && (to === null || to >= moment);
    const is = from <= moment && (to === null || to > moment);
    if (!was && !is) continue;
    const valueOn = (on: Day): bigint | null => {
      const value = exchange.findValue(state.annual, state.currency, on);
      return value === null ? null : toUnits(value);
    };
    const now = valueOn(day);
    const then = was ? valueOn(dayBefore) : null;
    // an amount that had no rate yet enters as a movement, not as drift
    const change = (is ? (now ?? 0n) : 0n) - (then === null ? 0n : (now ?? 0n));
    if (!matches) {
      step.othersChange += change;
      continue;
    }
    if (then !== null && now !== null && then !== now) {
      step.fx += now - then;
      bump(step.fxBySubscription, state.subscriptionId, now - then);
    }
    bump(step.changeBySubscription, state.subscriptionId, change);
    if (is) step.after += now ?? 0n;
    if (is && toUnits(state.annual) === 0n) step.freeStates.push(state);
  }
  return step;
}

/** The subscription that moved most; of equals, the first by its id. */
function largest(changes: ReadonlyMap<string, bigint>): string | null {
  let [found, size] = ["", 0n];
  for (const [subscription, change] of changes) {
    const magnitude = change < 0n ? -change : change;
    if (magnitude > size || (magnitude === size && magnitude > 0n && subscription < found))
      [found, size] = [subscription, magnitude];
  }
  return size > 0n ? found : null;
}

function churnCause(step: Step): MovementCause | null {
  if (step.othersChange > 0n) return "moved";
  const statuses = new Set(step.freeStates.map(({ status }) => status ?? "active"));
  if (statuses.has("unpaid") || statuses.has("past_due")) return "involuntary";
  if (statuses.has("paused") || statuses.has("pause_collection")) return "paused";
  return statuses.has("active") ? "free" : null;
}

/** A customer between two moments. */
interface Standing {
  amount: bigint;
  /** A customer: has paid, and has not churned since. */
  active: boolean;
  churnedOn: Day | null;
  cohort: { day: Day; amount: bigint } | null;
}

/** The kind of what a step does, the day's fx already in `standing.amount`; null: nothing moved. */
function kindOf(step: Step, day: Day, standing: Standing, policy: MovementPolicy): MovementKind | null {
  if (step.after > 0n && !standing.active) {
    if (standing.cohort === null) return "new";
    const gap = standing.churnedOn === null ? 0 : daysBetween(standing.churnedOn, day);
    return policy.return_after_days !== null && gap > policy.return_after_days ? "new" : "reactivation";
  }
  if (!standing.active) return null;
  if (step.after > standing.amount) return "expansion";
  const staysFree =
    policy.free_payer === "active" &&
    step.freeStates.some((state) => (state.status ?? "active") === "active");
  if (step.after === 0n && !staysFree) return "churn";
  return step.after < standing.amount ? "contraction" : null;
}

function customerMovements(
  customerId: string,
  versions: readonly Version[],
  exchange: Exchange,
  policy: MovementPolicy,
): Movement[] {
  const movements: Movement[] = [];
  const standing: Standing = { amount: 0n, active: false, churnedOn: null, cohort: null };
  let previous: Moment | null = null;
  const write = (
    day: Day,
    kind: MovementKind,
    change: bigint,
    rest: Pick<Movement, "cause" | "subscriptionId">,
  ) => {
    standing.cohort ??= { day, amount: change };
    movements.push({
      customerId,
      day,
      kind,
      annual: fromUnits(change),
      beforeAnnual: fromUnits(standing.amount),
      cohortDay: standing.cohort.day,
      initialAnnual: fromUnits(standing.cohort.amount),
      ...rest,
    });
    standing.amount += change;
  };
  for (const moment of momentsOf(versions, exchange, policy.netting)) {
    const day = dayOf(moment);
    const step = stepAt(moment, previous, versions, exchange);
    previous = moment;
    if (step.fx !== 0n)
      write(day, "fx", step.fx, { cause: null, subscriptionId: largest(step.fxBySubscription) });
    const kind = kindOf(step, day, standing, policy);
    if (kind === null) continue;
    const returns = kind === "new" || kind === "reactivation";
    const moved = returns && step.othersChange < 0n ? "moved" : null;
    write(day, kind, step.after - standing.amount, {
      cause: kind === "churn" ? churnCause(step) : moved,
      subscriptionId: largest(step.changeBySubscription),
    });
    standing.active = kind !== "churn";
    standing.churnedOn = kind === "churn" ? day : standing.churnedOn;
  }
  return movements;
}

/**
 * The movement ledger of all customers. Per customer and day at most one fx row and one movement (with netting `none`, one
 * movement per event). Future-dated states are in it: readers cut at the day of observation.
 */
export function buildLedger({ states, rates, currency, policy, matches }: LedgerInput): Ledger {
  const exchange = createExchange(rates, currency);
  const byCustomer = new Map<string, Version[]>();
  for (const state of states) {
    const version = versionOf(state, policy.netting, matches?.(state) ?? true);
    if (version.to !== null && version.to <= version.from) continue;
    const versions = byCustomer.get(state.customerId);
    if (versions) versions.push(version);
    else byCustomer.set(state.customerId, [version]);
  }
  const movements: Movement[] = [];
  const unvalued: UnvaluedSpan[] = [];
  for (const customerId of [...byCustomer.keys()].sort()) {
    const versions = byCustomer.get(customerId) ?? [];
    movements.push(...customerMovements(customerId, versions, exchange, policy));
    const matching = versions.filter((version) => version.matches).map(({ state }) => state);
    unvalued.push(...unvaluedSpans(customerId, matching, exchange));
  }
  return { movements, unvalued };
}
