import type { demoFileNames } from "#db/queries/demo.ts";
import { addDays, addMonths, type Day, firstOfMonth, monthIndexOf } from "#metrics/day.ts";
import { createCustomers, createStory, type DemoCustomer, type Story } from "./customers.ts";
import { type DemoRow, withPauses } from "./pauses.ts";
import { chanceOf } from "./random.ts";
import { createSubscriptions, type DemoVersion } from "./subscriptions.ts";

/** A file as a person could have uploaded it. */
export interface DemoFile {
  name: (typeof demoFileNames)[number];
  kind: "fx_rates" | "spend" | "customers" | "subscriptions" | "transactions";
  text: string;
}

export const demoMonths = 36;

/**
 * A believable company as CSV files, in the order in which they are best imported. The same `today` and number of
 * customers give the same bytes.
 * @param today the last day of the story
 */
export function createDemoFiles(options: { today: Day; customers: number }): DemoFile[] {
  const story = createStory(options.today, demoMonths);
  const customers = createCustomers(story, options.customers);
  const lives = customers.map((customer) => createSubscriptions(story, customer));
  const rows = lives.flatMap((versions) => withPauses(story, versions));
  return [
    { name: "demo-fx-rates.csv", kind: "fx_rates", text: fxRates(story) },
    { name: "demo-spend.csv", kind: "spend", text: spend(story) },
    { name: "demo-customers.csv", kind: "customers", text: customerRows(customers) },
    { name: "demo-transactions.csv", kind: "transactions", text: transactions(story, lives.flat()) },
    { name: "demo-subscriptions.csv", kind: "subscriptions", text: subscriptionRows(rows) },
  ];
}

const csv = (header: string, rows: readonly (string | number | null)[][]): string =>
  `${header}\n${rows.map((row) => `${row.map((value) => value ?? "").join(",")}\n`).join("")}`;

const monthsOf = (story: Story): number[] =>
  Array.from({ length: story.lastMonth - story.firstMonth + 1 }, (_, offset) => story.firstMonth + offset);

/** One rate a month: a slow walk around a mean. */
function fxRates(story: Story): string {
  const rows = (
    [
      ["EUR", 1.09],
      ["GBP", 1.27],
    ] as const
  ).flatMap(([currency, mean], stream) => {
    const chance = chanceOf(4, stream);
    let rate: number = mean;
    return monthsOf(story).map((month) => {
      rate += (mean - rate) * 0.12 + (chance.next() - 0.5) * 0.045;
      return [firstOfMonth(month), currency, "USD", rate.toFixed(4)];
    });
  });
  return csv("date,from,to,rate", rows);
}

/** Sales and marketing: grows with the company, with a conference in spring and one in autumn. */
function spend(story: Story): string {
  const rows = monthsOf(story).flatMap((month, offset) => {
    const chance = chanceOf(5, offset);
    const grown = (base: number, perMonth: number) =>
      Math.round((base + perMonth * offset) * (0.93 + chance.next() * 0.14));
    const isConference = [3, 9].includes(month % 12);
    return [
      [firstOfMonth(month).slice(0, 7), "Advertising", grown(9_000, 620)],
      [firstOfMonth(month).slice(0, 7), "Sales salaries", grown(16_000, 1_350)],
      [firstOfMonth(month).slice(0, 7), "Marketing salaries", grown(11_000, 560)],
      [firstOfMonth(month).slice(0, 7), "Tools", grown(1_800, 70)],
      ...(isConference ? [[firstOfMonth(month).slice(0, 7), "Events", grown(14_000, 500)]] : []),
    ];
  });
  return csv("month,category,amount", rows);
}

const customerRows = (customers: readonly DemoCustomer[]): string =>
  csv(
    "customer_id,name,email,country,signup_at,industry,segment,channel,employees",
    customers.map((customer) => [
      customer.id,
      customer.name,
      customer.email,
      customer.country,
      customer.signupDay,
      customer.industry,
      customer.segment,
      customer.channel,
      customer.employees,
    ]),
  );

const subscriptionRows = (versions: readonly DemoRow[]): string =>
  csv(
    "customer_id,subscription_id,plan,amount,currency,interval,quantity,discount_percent,started_at,ended_at,trial_end,status",
    versions.map((version) => [
      version.customer.id,
      version.subscriptionId,
      version.plan,
      version.amount,
      version.customer.currency,
      version.interval,
      version.seats,
      version.discountPercent,
      version.startedAt,
      version.endedAt,
      version.trialEnd,
      version.status,
    ]),
  );

/** Usage of a paid add-on by some of the larger customers, once a month. */
function transactions(story: Story, versions: readonly DemoVersion[]): string {
  const rows = versions
    .filter((version) => version.plan !== "Starter" && version.plan !== "Legacy")
    .filter((version) => chanceOf(6, version.customer.index).happens(0.3))
    .flatMap((version) => {
      const until = version.endedAt ?? nextStart(versions, version) ?? addDays(story.today, 1);
      const months = monthIndexOf(until) - monthIndexOf(version.startedAt);
      return Array.from({ length: Math.max(0, months) }, (_, offset) => {
        const day = addMonths(version.startedAt, offset + 1);
        const chance = chanceOf(7, version.customer.index * 64 + monthIndexOf(day));
        const amount = (version.seats * (0.4 + chance.next() * 1.6)).toFixed(2);
        return { day, row: [version.customer.id, day, amount, version.customer.currency] };
      });
    })
    .filter(({ day }) => day <= story.today);
  return csv(
    "customer_id,date,amount,currency",
    rows.map(({ row }) => row),
  );
}

const nextStart = (versions: readonly DemoVersion[], version: DemoVersion): Day | null => {
  const next = versions[versions.indexOf(version) + 1];
  return next?.subscriptionId === version.subscriptionId ? next.startedAt : null;
};
