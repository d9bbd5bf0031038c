import { addDays, addMonths, type Day, daysBetween, monthIndexOf } from "#metrics/day.ts";
import type { DemoCustomer, Story } from "./customers.ts";
import { type Interval, monthlyChurn, type Plan, priceOf, seatChange, seatsAtStart } from "./prices.ts";
import { type Chance, chanceOf } from "./random.ts";

/** One row of the subscriptions file: what a subscription costs from one day on. */
export interface DemoVersion {
  customer: DemoCustomer;
  subscriptionId: string;
  plan: Plan;
  /** Per seat and interval, in the customer's currency. */
  amount: number;
  interval: Interval;
  seats: number;
  discountPercent: number | null;
  startedAt: Day;
  endedAt: Day | null;
  trialEnd: Day | null;
}

const trialDays = 14;
/** Leaving by month of the year, January first: budgets are cut in summer and at the year's end. */
const leaving = [1.1, 1.0, 0.9, 0.9, 0.95, 1.0, 1.3, 1.35, 0.9, 0.9, 0.95, 1.15];

/** Everything that a customer buys, from sign-up to today. */
export function createSubscriptions(story: Story, customer: DemoCustomer): DemoVersion[] {
  const chance = chanceOf(3, customer.index);
  const first = live(story, customer, chance, customer.signupDay, 1);
  const left = first.at(-1)?.endedAt;
  // some come back
  const wasPaying = first.some((version) => version.endedAt === null || version.endedAt !== version.trialEnd);
  if (!left || !wasPaying || !chance.happens(0.13)) return first;
  const back = addDays(addMonths(left, chance.between(2, 7)), chance.between(0, 12));
  return back <= story.today ? [...first, ...live(story, customer, chance, back, 2)] : first;
}

/** One subscription, month by month, until it ends or today is reached. */
function live(
  story: Story,
  customer: DemoCustomer,
  chance: Chance,
  startDay: Day,
  number: number,
): DemoVersion[] {
  let plan = firstPlan(story, customer, startDay, chance);
  const interval: Interval = chance.happens({ Starter: 0.2, Growth: 0.32, Scale: 0.6, Legacy: 0.1 }[plan])
    ? "year"
    : "month";
  let seats = chance.between(...seatsAtStart[plan]);
  let discount = chance.happens(0.13) ? chance.pick([10, 15, 20, 25]) : null;
  const trialEnd =
    number === 1 && plan !== "Scale" && chance.happens(0.35) ? addDays(startDay, trialDays) : null;
  // the price in force when the running term began
  let isRaised = startDay >= story.priceRise;

  const versions: DemoVersion[] = [];
  const version = (startedAt: Day) => {
    versions.push({
      customer,
      subscriptionId: `S-${customer.id.slice(2)}-${number}`,
      plan,
      amount: priceOf(plan, customer.currency, interval, isRaised),
      interval,
      seats,
      discountPercent: discount,
      startedAt,
      endedAt: null,
      trialEnd: versions.length === 0 ? trialEnd : null,
    });
  };
  const end = (day: Day) => {
    versions[versions.length - 1]!.endedAt = day;
    return versions;
  };

  version(startDay);
  if (trialEnd && trialEnd <= story.today && !chance.happens(0.64)) return end(trialEnd);
  for (let month = 1; ; month += 1) {
    const day = addMonths(startDay, month);
    if (day > story.today) {
      // a few have given notice for the end of the term
      const isLast = interval === "month" || month % 12 === 0;
      return isLast && chance.happens(0.012) ? end(day) : versions;
    }
    const renews = interval === "month" || month % 12 === 0;
    if (renews && chance.happens(churnAt(story, plan, interval, month, day))) return end(day);
    const before = `${plan} ${seats} ${discount} ${isRaised}`;
    if (renews && day >= story.priceRise) isRaised = true;
    if (month === 12) discount = null;
    const next = upgrade(plan, seats, month, chance);
    if (next !== plan) {
      seats = Math.max(seats, seatsAtStart[next][0]);
      plan = next;
    } else seats = changeSeats(plan, seats, renews ? interval : null, chance);
    if (before !== `${plan} ${seats} ${discount} ${isRaised}`) version(day);
  }
}

function firstPlan(story: Story, customer: DemoCustomer, day: Day, chance: Chance): Plan {
  const age = monthIndexOf(day) - story.firstMonth;
  if (customer.segment === "Enterprise") return chance.happens(0.85) ? "Scale" : "Growth";
  if (customer.segment === "Mid-market") return chance.happens(0.16) ? "Scale" : "Growth";
  // sold until the plans were renewed
  if (age < 9 && chance.happens(0.5)) return "Legacy";
  return chance.happens(0.74) ? "Starter" : "Growth";
}

function churnAt(story: Story, plan: Plan, interval: Interval, month: number, day: Day): number {
  const age = (monthIndexOf(day) - story.firstMonth) / (story.lastMonth - story.firstMonth);
  // the product gets better, and who stayed for a while stays on
  const era = 1.2 - 0.35 * age;
  const tenure = month <= 3 ? 1.4 : month > 12 ? 0.75 : 1;
  const sinceRise = daysBetween(story.priceRise, day);
  const rise = sinceRise >= 0 && sinceRise < 90 && (plan === "Starter" || plan === "Growth") ? 1.7 : 1;
  const monthly = monthlyChurn[plan] * era * tenure * rise * leaving[monthIndexOf(day) % 12]!;
  return interval === "month" ? monthly : 1 - (1 - monthly) ** 9;
}

function upgrade(plan: Plan, seats: number, month: number, chance: Chance): Plan {
  if (plan === "Starter" && seats >= 4) return chance.happens(0.02) ? "Growth" : plan;
  if (plan === "Growth" && seats >= 20) return chance.happens(0.012) ? "Scale" : plan;
  if (plan === "Legacy" && month > 9) return chance.happens(0.03) ? "Growth" : plan;
  return plan;
}

function changeSeats(plan: Plan, seats: number, renewing: Interval | null, chance: Chance): number {
  // once a year the seats of a yearly contract are counted over
  const often = renewing === "year" ? 4 : 1;
  if (!chance.happens(seatChange[plan] * often)) return seats;
  const step = Math.max(1, Math.round(seats * (0.08 + chance.next() * 0.22)));
  if (chance.happens(0.6)) return seats + step;
  // within a paid term seats are only added
  return renewing ? Math.max(1, seats - step) : seats;
}
