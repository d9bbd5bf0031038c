import { roots, trades } from "../names.ts";
import { type Chance, chanceOf } from "../random.ts";
import type { Calendar } from "./calendar.ts";
import {
  accountManagers,
  type CompanySize,
  channels,
  companySizes,
  industries,
  markets,
  pickFrom,
} from "./market.ts";

export type Currency = "USD" | "EUR" | "GBP";

export interface LargeCustomer {
  index: number;
  id: string;
  name: string;
  email: string;
  country: string;
  currency: Currency;
  region: string;
  industry: string;
  size: CompanySize;
  channel: string;
  accountManager: string;
  signupMonth: number;
  signupDayOfMonth: number;
}

/** Sign-ups by month of the year, January first: a strong new year, quiet summers and Decembers. */
const season = [1.24, 1.08, 1.1, 1.03, 1.0, 0.92, 0.72, 0.68, 1.15, 1.13, 1.06, 0.76];
const growthPerMonth = 0.062;

/** How many of `count` customers have signed up by the end of each month. */
export function signupsUntil(calendar: Calendar, count: number): number[] {
  const weights = Array.from({ length: calendar.months }, (_, month) => {
    const whole = calendar.dayIn(month, 31) - calendar.dayIn(month, 1) + 1;
    const grown = 1 + month * growthPerMonth;
    return grown * season[(calendar.firstMonthOfYear + month) % 12]! * (calendar.lived(month) / whole);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  return weights.map((weight) => {
    reached += weight;
    return Math.round((reached / total) * count);
  });
}

/** Every customer, one after the other, by the month of sign-up: none is kept. */
export function* largeCustomers(calendar: Calendar, count: number): Generator<LargeCustomer> {
  const until = signupsUntil(calendar, count);
  const managers = accountManagers(count);
  let month = 0;
  for (let index = 0; index < count; index += 1) {
    while (index >= until[month]!) month += 1;
    yield customerOf(calendar, index, month, managers);
  }
}

function customerOf(
  calendar: Calendar,
  index: number,
  signupMonth: number,
  managers: readonly string[],
): LargeCustomer {
  const chance = chanceOf(11, index);
  const industry = pickFrom(industries, chance);
  const market = pickFrom(markets, chance);
  const name = nameOf(chance, industry.trade);
  return {
    index,
    id: `C${String(index + 1).padStart(7, "0")}`,
    name,
    email: `billing@${name.toLowerCase().replaceAll(" ", "-")}-${(index + 1).toString(36)}.example`,
    country: market.country,
    currency: market.currency,
    region: market.region,
    industry: industry.name,
    size: pickFrom(companySizes, chance),
    channel: pickFrom(channels, chance),
    // a few look after many
    accountManager: managers[Math.floor(managers.length * chance.next() ** 1.6)]!,
    signupMonth,
    signupDayOfMonth: chance.between(1, calendar.lived(signupMonth)),
  };
}

const nameOf = (chance: Chance, trade: keyof typeof trades): string =>
  `${chance.pick(roots)} ${chance.pick(roots)} ${chance.pick(trades[trade])}`;
