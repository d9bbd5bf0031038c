import { type Chance, chanceOf } from "../random.ts";
import type { Calendar } from "./calendar.ts";
import type { Currency, LargeCustomer } from "./customers.ts";

/** What a customer of the large demo buys from sign-up to today, as lines of a `subscriptions` file. */

export const subscriptionsHeader =
  "customer_id,subscription_id,plan,amount,currency,interval,quantity,discount_percent,started_at,ended_at,trial_end\n";

const plans = ["Basic", "Starter", "Growth", "Business", "Enterprise"] as const;
/** Per seat and month in US dollars. */
const prices = [9, 19, 35, 59, 95];
const localPrice: Record<Currency, number> = { USD: 1, EUR: 0.94, GBP: 0.8 };
/** Twelve months for the price of ten. */
const monthsPaidPerYear = 10;
/** Chance to leave in a usual month, by plan. */
const monthlyChurn = [0.038, 0.028, 0.02, 0.014, 0.01];
/** Leaving by month of the year, January first: budgets are cut in summer and at the year's end. */
const leaving = [1.15, 1.0, 0.9, 0.9, 0.95, 1.0, 1.25, 1.3, 0.9, 0.9, 0.95, 1.2];
/** Of the five plans, chances at the start by the company's size. */
const firstPlans = [
  [0.46, 0.82, 0.97, 1, 1],
  [0.12, 0.55, 0.9, 0.99, 1],
  [0.02, 0.2, 0.66, 0.95, 1],
  [0, 0.05, 0.32, 0.78, 1],
  [0, 0.01, 0.1, 0.42, 1],
] as const;
const firstSeats: readonly (readonly [number, number])[] = [
  [1, 3],
  [2, 8],
  [6, 24],
  [14, 70],
  [50, 320],
] as const;
const yearlyShare = [0.16, 0.22, 0.34, 0.52, 0.74];
const planChange = 0.041;
const trialDays = 14;
const comesBack = 0.14;
const notice = 0.012;

/** All lines of one customer: the versions of one subscription, or of two for who left and came back. */
export function subscriptionLines(calendar: Calendar, customer: LargeCustomer): string {
  const chance = chanceOf(12, customer.index);
  const first = live(calendar, customer, chance, {
    number: 1,
    month: customer.signupMonth,
    dayOfMonth: customer.signupDayOfMonth,
  });
  if (first.leftInMonth === null || !chance.happens(comesBack)) return first.lines;
  const month = first.leftInMonth + chance.between(2, 8);
  const dayOfMonth = chance.between(1, 28);
  if (month >= calendar.months || calendar.dayIn(month, dayOfMonth) > calendar.today) return first.lines;
  return first.lines + live(calendar, customer, chance, { number: 2, month, dayOfMonth }).lines;
}

interface Lived {
  lines: string;
  /** The month in which a customer that had paid left; null while it stays. */
  leftInMonth: number | null;
}

/** One subscription, month by month, until it ends or today is reached. */
function live(
  calendar: Calendar,
  customer: LargeCustomer,
  chance: Chance,
  start: { number: number; month: number; dayOfMonth: number },
): Lived {
  const size = customer.size.place;
  const drawn = chance.next();
  let plan = firstPlans[size]!.findIndex((reached) => drawn < reached);
  const yearly = chance.happens(yearlyShare[plan]!);
  const [fewest, most] = firstSeats[size]!;
  let seats = chance.between(fewest, most);
  let discount = chance.happens(0.08) ? chance.pick([10, 15, 20]) : 0;
  const restless = chance.pick([0.22, 0.7, 0.7, 0.7, 0.92]) * (yearly ? 0.8 : 1);
  const firstDay = calendar.dayIn(start.month, start.dayOfMonth);
  const isTrial = start.number === 1 && !yearly && plan < 3 && chance.happens(0.13);
  const trialEnd = isTrial ? firstDay + trialDays : null;

  const key = `${customer.id},S${customer.id.slice(1)}-${start.number},`;
  const tail = `,${customer.currency},${yearly ? "year" : "month"},`;
  let lines = "";
  // a version is printed when it is known how it ends
  let from = firstDay;
  const print = (end: number | null) => {
    lines += `${key}${plans[plan]},${priceOf(plan, customer.currency, yearly)}${tail}${seats},${discount || ""},${calendar.text(from)},${end === null ? "" : calendar.text(end)},${from === firstDay && trialEnd !== null ? calendar.text(trialEnd) : ""}\n`;
  };

  if (trialEnd !== null && trialEnd <= calendar.today && chance.happens(0.33)) {
    print(trialEnd);
    return { lines, leftInMonth: null };
  }
  for (let age = 1; ; age += 1) {
    const month = start.month + age;
    const anniversary = calendar.dayIn(month, start.dayOfMonth);
    const renews = !yearly || age % 12 === 0;
    if (anniversary > calendar.today) {
      print(renews && chance.happens(notice) ? anniversary : null);
      return { lines, leftInMonth: null };
    }
    if (renews && chance.happens(churnAt(calendar, plan, yearly, age, month))) {
      print(anniversary);
      return { lines, leftInMonth: month };
    }
    const day = anniversary + chance.between(0, 26);
    if (day > calendar.today) continue;
    const changed = nextTerms(chance, { plan, seats, discount }, { age, renews, restless, size });
    if (changed === null) continue;
    print(null);
    ({ plan, seats, discount } = changed);
    from = day;
  }
}

interface Terms {
  plan: number;
  seats: number;
  /** Per cent; 0: none. */
  discount: number;
}

/** What a month changes; null: nothing. */
function nextTerms(
  chance: Chance,
  now: Terms,
  { age, renews, restless, size }: { age: number; renews: boolean; restless: number; size: number },
): Terms | null {
  const discount = age >= 12 ? 0 : now.discount;
  if (chance.happens(planChange)) {
    const up = chance.happens(0.66);
    const plan = Math.min(plans.length - 1, Math.max(0, now.plan + (up ? 1 : -1)));
    if (plan !== now.plan) return { plan, seats: now.seats, discount };
  }
  if (chance.happens(restless)) {
    // within a paid term seats are only added, a few at a time
    const step = Math.max(
      1,
      Math.round(now.seats * (renews ? 0.03 + chance.next() * 0.15 : 0.01 + chance.next() * 0.025)),
    );
    // teams settle around what they began with
    const crowded = now.seats > 1.5 * firstSeats[size]![1];
    const adds = now.seats - step < 1 || !renews || chance.happens(crowded ? 0.3 : 0.5);
    return { plan: now.plan, seats: adds ? now.seats + step : now.seats - step, discount };
  }
  return discount === now.discount ? null : { ...now, discount };
}

function churnAt(calendar: Calendar, plan: number, yearly: boolean, age: number, month: number): number {
  // the product gets better, and who stayed for a while stays on
  const era = 1.15 - (0.3 * month) / calendar.months;
  const tenure = age <= 3 ? 1.4 : age > 12 ? 0.75 : 1;
  const monthly = monthlyChurn[plan]! * era * tenure * leaving[(calendar.firstMonthOfYear + month) % 12]!;
  return yearly ? 1 - (1 - monthly) ** 9 : monthly;
}

const priceOf = (plan: number, currency: Currency, yearly: boolean): number =>
  Math.round(prices[plan]! * localPrice[currency]) * (yearly ? monthsPaidPerYear : 1);
