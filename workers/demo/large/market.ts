import type { trades } from "../names.ts";
import type { Chance } from "../random.ts";
import type { Currency } from "./customers.ts";

/** Whom the large demo sells to: weights, most first. */

/** A choice by weight, its sums made once: it is made millions of times. */
export interface Weighted<Item> {
  items: readonly Item[];
  /** Running sums of the weights. */
  sums: readonly number[];
}

export function weighted<Item>(...choices: readonly (readonly [Item, number])[]): Weighted<Item> {
  let sum = 0;
  return {
    items: choices.map(([item]) => item),
    sums: choices.map(([, weight]) => {
      sum += weight;
      return sum;
    }),
  };
}

export function pickFrom<Item>({ items, sums }: Weighted<Item>, chance: Chance): Item {
  const at = chance.next() * sums.at(-1)!;
  const place = sums.findIndex((sum) => at < sum);
  return items[place === -1 ? items.length - 1 : place]!;
}

const market = (country: string, region: string, currency: Currency, weight: number) =>
  [{ country, region, currency }, weight] as const;
const americas = "North America";
const europe = "EMEA";
const latin = "Latin America";
const asia = "Asia Pacific";

export const markets = weighted(
  market("US", americas, "USD", 41),
  market("GB", europe, "GBP", 8),
  market("DE", europe, "EUR", 6),
  market("CA", americas, "USD", 6),
  market("IN", asia, "USD", 4.5),
  market("AU", asia, "USD", 4),
  market("FR", europe, "EUR", 3.6),
  market("BR", latin, "USD", 3),
  market("NL", europe, "EUR", 2.4),
  market("JP", asia, "USD", 2.2),
  market("MX", latin, "USD", 1.9),
  market("ES", europe, "EUR", 1.8),
  market("SE", europe, "USD", 1.5),
  market("SG", asia, "USD", 1.4),
  market("IT", europe, "EUR", 1.4),
  market("CH", europe, "USD", 1.2),
  market("IL", europe, "USD", 1.1),
  market("KR", asia, "USD", 1),
  market("PL", europe, "USD", 0.9),
  market("IE", europe, "EUR", 0.9),
  market("NZ", asia, "USD", 0.8),
  market("AE", europe, "USD", 0.8),
  market("ZA", europe, "USD", 0.7),
  market("NO", europe, "USD", 0.7),
  market("DK", europe, "USD", 0.7),
  market("BE", europe, "EUR", 0.6),
  market("AT", europe, "EUR", 0.6),
  market("CO", latin, "USD", 0.5),
  market("FI", europe, "EUR", 0.4),
  market("CL", latin, "USD", 0.4),
  market("PT", europe, "EUR", 0.4),
  market("TH", asia, "USD", 0.3),
);

const industry = (name: string, trade: keyof typeof trades, weight: number) =>
  [{ name, trade }, weight] as const;
export const industries = weighted(
  industry("Software", "Software", 21),
  industry("Retail", "Retail", 14),
  industry("Professional services", "Finance", 12),
  industry("Healthcare", "Healthcare", 9),
  industry("Financial services", "Finance", 9),
  industry("Education", "Education", 7),
  industry("Media", "Media", 7),
  industry("Manufacturing", "Manufacturing", 6),
  industry("Logistics", "Logistics", 5),
  industry("Hospitality", "Retail", 4),
  industry("Property", "Manufacturing", 3.5),
  industry("Non-profit", "Education", 2.5),
);

/** Employees, in classes; `place` says how large, 0 the smallest. */
export interface CompanySize {
  name: string;
  place: number;
}
const size = (name: string, place: number, weight: number) => [{ name, place }, weight] as const;
export const companySizes = weighted<CompanySize>(
  size("1-10", 0, 68),
  size("11-50", 1, 20),
  size("51-200", 2, 8.4),
  size("201-1000", 3, 2.9),
  size("1001+", 4, 0.7),
);

export const channels = weighted(
  ["Organic search", 29],
  ["Referral", 20],
  ["Paid search", 19],
  ["Partner", 13],
  ["Outbound", 11],
  ["Events", 8],
);

const givenNames =
  "Ada Amir Anna Ben Carla Chen Clara Dana David Elena Emil Eva Farah Felix Grace Hana Hugo Ines Ivan Jana Jonas Julia Kai Karim Lara Leo Lena Lucas Maja Marco Maria Mila Nadia Nils Nina Noor Omar Otto Paul Petra Ravi Rosa Sam Sara Sofia Theo Uma Vera Yusuf Zoe".split(
    " ",
  );
const familyNames =
  "Abbott Adler Baker Berg Brandt Castro Clarke Costa Dubois Egan Farkas Fischer Garcia Haas Hughes Ito Jansen Keller Khan Kowalski Laurent Lindgren Marsh Mehta Meyer Moretti Nakamura Novak Olsen Okafor Patel Petrov Quinn Rossi Sato Schmidt Silva Tanaka Weber Wong".split(
    " ",
  );
const customersPerManager = 20;

/** Who looks after the customers: an attribute with many values, up to two thousand. */
export function accountManagers(customers: number): string[] {
  const all = givenNames.flatMap((given) => familyNames.map((family) => `${given} ${family}`));
  return all.slice(0, Math.max(5, Math.ceil(customers / customersPerManager)));
}
