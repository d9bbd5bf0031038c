/** What the demo company charges. */
export type Plan = "Starter" | "Growth" | "Scale" | "Legacy";
export type Currency = "USD" | "EUR" | "GBP";
export type Interval = "month" | "year";

/** Per seat and month in US dollars, before and after the January when prices went up. */
const perSeat: Record<Plan, readonly [before: number, after: number]> = {
  Starter: [19, 23],
  Growth: [39, 42],
  Scale: [59, 59],
  Legacy: [49, 49],
};
const localPrice: Record<Currency, number> = { USD: 1, EUR: 0.95, GBP: 0.8 };
/** Twelve months for the price of ten. */
const monthsPaidPerYear = 10;

/** Price of one seat for one interval, in whole units of the currency. */
export function priceOf(plan: Plan, currency: Currency, interval: Interval, isRaised: boolean): number {
  const monthly = Math.round(perSeat[plan][isRaised ? 1 : 0] * localPrice[currency]);
  return interval === "year" ? monthly * monthsPaidPerYear : monthly;
}

export const seatsAtStart: Record<Plan, readonly [low: number, high: number]> = {
  Starter: [1, 6],
  Growth: [5, 26],
  Scale: [18, 85],
  Legacy: [3, 12],
};

/** Chance to leave in a usual month. */
export const monthlyChurn: Record<Plan, number> = {
  Starter: 0.056,
  Growth: 0.026,
  Scale: 0.013,
  Legacy: 0.034,
};

/** Chance that the number of seats changes in a month. */
export const seatChange: Record<Plan, number> = { Starter: 0.035, Growth: 0.09, Scale: 0.11, Legacy: 0.01 };
