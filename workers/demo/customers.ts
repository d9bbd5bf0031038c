import { addDays, type Day, daysBetween, firstOfMonth, monthIndexOf } from "#metrics/day.ts";
import { createNames, emailOf, type Industry, industries } from "./names.ts";
import type { Currency } from "./prices.ts";
import { type Chance, chanceOf } from "./random.ts";

export type Segment = "SMB" | "Mid-market" | "Enterprise";

export interface DemoCustomer {
  index: number;
  id: string;
  name: string;
  email: string;
  country: string;
  currency: Currency;
  signupDay: Day;
  industry: Industry;
  segment: Segment;
  channel: string;
  employees: number;
}

/** The story's calendar: `months` months, of which the last is the one of `today`. */
export interface Story {
  today: Day;
  /** Index of the first month (metrics/day.ts). */
  firstMonth: number;
  lastMonth: number;
  /** The January in which prices rose. */
  priceRise: Day;
}

export function createStory(today: Day, months: number): Story {
  const lastMonth = monthIndexOf(today);
  const firstMonth = lastMonth - months + 1;
  // the January of the middle third: late enough to have customers, early enough to see what followed
  const earliest = firstMonth + Math.floor(months * 0.4);
  const january = Math.ceil(earliest / 12) * 12;
  return { today, firstMonth, lastMonth, priceRise: firstOfMonth(january) };
}

const markets: readonly (readonly [{ country: string; currency: Currency }, number])[] = [
  [{ country: "US", currency: "USD" }, 38],
  [{ country: "CA", currency: "USD" }, 7],
  [{ country: "AU", currency: "USD" }, 4],
  [{ country: "BR", currency: "USD" }, 3],
  [{ country: "IN", currency: "USD" }, 3],
  [{ country: "SG", currency: "USD" }, 2],
  [{ country: "JP", currency: "USD" }, 2],
  [{ country: "GB", currency: "GBP" }, 13],
  [{ country: "DE", currency: "EUR" }, 10],
  [{ country: "FR", currency: "EUR" }, 6],
  [{ country: "NL", currency: "EUR" }, 5],
  [{ country: "ES", currency: "EUR" }, 3],
  [{ country: "IE", currency: "EUR" }, 2],
  [{ country: "AT", currency: "EUR" }, 2],
];
const channels: readonly (readonly [string, number])[] = [
  ["Organic search", 30],
  ["Referral", 19],
  ["Paid search", 18],
  ["Partner", 12],
  ["Outbound", 13],
  ["Events", 8],
];
const segments: readonly (readonly [Segment, number])[] = [
  ["SMB", 57],
  ["Mid-market", 33],
  ["Enterprise", 10],
];
const employees: Record<Segment, readonly [number, number]> = {
  SMB: [3, 49],
  "Mid-market": [50, 480],
  Enterprise: [500, 6_200],
};
/** Sign-ups by month of the year, January first: a strong new year, quiet summers and Decembers. */
const season = [1.28, 1.08, 1.1, 1.02, 1.0, 0.9, 0.66, 0.62, 1.16, 1.14, 1.06, 0.72];

/** Who signs up and when; the company grows, so there are more of them every year. */
export function createCustomers(story: Story, count: number): DemoCustomer[] {
  const nameFor = createNames();
  return signupDays(story, count).map((signupDay, index) => {
    const chance = chanceOf(1, index);
    const industry = chance.weighted(industries);
    const segment = chance.weighted(segments);
    const { country, currency } = chance.weighted(markets);
    const name = nameFor(chance, industry);
    return {
      index,
      id: `C-${1001 + index}`,
      name,
      email: emailOf(name),
      country,
      currency,
      signupDay,
      industry,
      segment,
      channel: chance.weighted(channels),
      employees: chance.between(...employees[segment]),
    };
  });
}

function signupDays(story: Story, count: number): Day[] {
  const months = Array.from({ length: story.lastMonth - story.firstMonth + 1 }, (_, offset) => {
    const first = firstOfMonth(story.firstMonth + offset);
    const next = firstOfMonth(story.firstMonth + offset + 1);
    const length = daysBetween(first, next);
    const lived = Math.min(length, daysBetween(first, story.today) + 1);
    const growth = 1 + offset * 0.062;
    return { first, lived, weight: growth * season[(story.firstMonth + offset) % 12]! * (lived / length) };
  });
  const total = months.reduce((sum, month) => sum + month.weight, 0);
  const days: Day[] = [];
  let reached = 0;
  months.forEach(({ first, lived, weight }, offset) => {
    reached += weight;
    const chance = chanceOf(2, offset);
    const until = Math.round((reached / total) * count);
    const monthDays = Array.from({ length: until - days.length }, () => signupDay(first, lived, chance));
    days.push(...monthDays.sort());
  });
  return days;
}

/** Mostly working days. */
function signupDay(first: Day, lived: number, chance: Chance): Day {
  const pick = () => addDays(first, chance.between(0, lived - 1));
  const day = pick();
  const isWeekend = [5, 6].includes(daysBetween("2024-01-01", day) % 7);
  return isWeekend ? pick() : day;
}
