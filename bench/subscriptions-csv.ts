/**
 * A `subscriptions` file of any size, the same for the same arguments: customers with one to three subscriptions, each with
 * one to three versions (upgrades, seats), some ended; about 70 bytes a row.
 */

const plans = [
  { name: "Starter", month: 29, year: 290 },
  { name: "Team", month: 99, year: 990 },
  { name: "Business", month: 249, year: 2490 },
  { name: "Enterprise", month: 899, year: 8990 },
] as const;
const countries = ["US", "DE", "GB", "FR", "CA", "NL", "AU", "SE", "BR", "IN"] as const;
const words = [
  "Nord",
  "Blue",
  "Acme",
  "Ever",
  "Lumen",
  "Quill",
  "Stone",
  "River",
  "Terra",
  "Violet",
] as const;

export const subscriptionsHeader =
  "customer_id,customer_name,country,subscription_id,plan,amount,currency,interval,quantity,started_at,ended_at\n";

const firstDay = Date.UTC(2021, 0, 1);
const dayMs = 86_400_000;
const dayText = (day: number): string => new Date(firstDay + day * dayMs).toISOString().slice(0, 10);

/** mulberry32: numbers in [0, 1) that only the seed decides. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The file in pieces of some hundred kilobytes, the header first. */
export function* subscriptionsCsv(rows: number, seed = 1): Generator<string> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const days = Array.from({ length: 2000 }, (_, day) => dayText(day));
  let piece = subscriptionsHeader;
  let written = 0;
  for (let customer = 1; written < rows; customer += 1) {
    const id = `cus_${String(customer).padStart(7, "0")}`;
    const about = `${id},${words[below(10)]} ${words[below(10)]} ${below(1000)},${countries[below(10)]}`;
    const subscriptions = 1 + (random() < 0.25 ? 1 : 0) + (random() < 0.05 ? 1 : 0);
    for (let sub = 1; sub <= subscriptions && written < rows; sub += 1) {
      const yearly = random() < 0.3;
      let plan = below(plans.length);
      let quantity = 1 + below(12);
      let from = below(1500);
      const versions = 1 + (random() < 0.4 ? 1 : 0) + (random() < 0.2 ? 1 : 0);
      const ends = random() < 0.45;
      for (let version = 1; version <= versions && written < rows; version += 1) {
        const { name, month, year } = plans[plan]!;
        const to = Math.min(1999, from + 20 + below(300));
        const ended = version === versions && ends ? days[to] : "";
        const price = yearly ? `${year}.00,USD,year` : `${month}.00,USD,month`;
        piece += `${about},${id.slice(4)}-${sub},${name},${price},${quantity},${days[from]},${ended}\n`;
        written += 1;
        from = Math.min(1998, to);
        if (random() < 0.5) plan = Math.min(plans.length - 1, plan + 1);
        else quantity = Math.max(1, quantity + below(7) - 3);
      }
    }
    if (piece.length > 256 * 1024) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}
