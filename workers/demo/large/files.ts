import type { UploadKind } from "#contracts/upload-kinds.ts";
import type { Day } from "#metrics/day.ts";
import { chanceOf } from "../random.ts";
import { type Calendar, createCalendar } from "./calendar.ts";
import { type LargeCustomer, largeCustomers, signupsUntil } from "./customers.ts";
import { subscriptionLines, subscriptionsHeader } from "./subscriptions.ts";

/** A file as a person could have uploaded it, made while it is read. */
export interface LargeDemoFile {
  name: string;
  kind: UploadKind;
  /** The file from its beginning, in pieces of some hundred kilobytes. @param onCustomers hears how many are written */
  pieces(onCustomers?: (done: number) => void): Generator<string>;
}

const largeDemoMonths = 36;
const pieceLength = 256 * 1024;

/**
 * An invented company of any size as CSV files, in the order in which they are best imported: about eight movements per
 * customer over 36 months up to `today`. The same arguments give the same bytes; memory does not grow with `customers`.
 */
export function largeDemoFiles(options: { today: Day; customers: number }): LargeDemoFile[] {
  const calendar = createCalendar(options.today, largeDemoMonths);
  const { customers } = options;
  const perCustomer = (header: string, write: (customer: LargeCustomer) => string) =>
    function* (onCustomers: (done: number) => void = () => {}): Generator<string> {
      let piece = header;
      for (const customer of largeCustomers(calendar, customers)) {
        piece += write(customer);
        if (piece.length < pieceLength) continue;
        yield piece;
        onCustomers(customer.index + 1);
        piece = "";
      }
      yield piece;
      onCustomers(customers);
    };
  return [
    { name: "demo-fx-rates.csv", kind: "fx_rates", pieces: () => fxRates(calendar) },
    { name: "demo-spend.csv", kind: "spend", pieces: () => spend(calendar, customers) },
    {
      name: "demo-customers.csv",
      kind: "customers",
      pieces: perCustomer(
        "customer_id,name,email,country,signup_at,industry,company_size,channel,sales_region,account_manager\n",
        (customer) =>
          `${customer.id},${customer.name},${customer.email},${customer.country},${calendar.text(calendar.dayIn(customer.signupMonth, customer.signupDayOfMonth))},${customer.industry},${customer.size.name},${customer.channel},${customer.region},${customer.accountManager}\n`,
      ),
    },
    {
      name: "demo-subscriptions.csv",
      kind: "subscriptions",
      pieces: perCustomer(subscriptionsHeader, (customer) => subscriptionLines(calendar, customer)),
    },
  ];
}

/** The euro is revalued once a year and the pound once a quarter: each revaluation moves every customer who pays in it. */
function* fxRates(calendar: Calendar): Generator<string> {
  let text = "date,from,to,rate\n";
  for (const [stream, currency, mean, every] of [
    [0, "EUR", 1.09, 12],
    [1, "GBP", 1.27, 3],
  ] as const) {
    const chance = chanceOf(13, stream);
    let rate: number = mean;
    for (let month = 0; month < calendar.months; month += 1) {
      if (month > 0 && (calendar.firstMonthOfYear + month) % every !== 0) continue;
      rate += (mean - rate) * 0.3 + (chance.next() - 0.5) * 0.08;
      text += `${calendar.text(calendar.dayIn(month, 1))},${currency},USD,${rate.toFixed(4)}\n`;
    }
  }
  yield text;
}

/** Sales and marketing: grows with the sign-ups it brings. */
function* spend(calendar: Calendar, customers: number): Generator<string> {
  const until = signupsUntil(calendar, customers);
  let text = "month,category,amount\n";
  for (let month = 0; month < calendar.months; month += 1) {
    const chance = chanceOf(14, month);
    const signups = until[month]! - (until[month - 1] ?? 0);
    const categories = [
      ["Advertising", 310],
      ["Sales salaries", 260],
      ["Marketing salaries", 120],
      ["Tools", 24],
    ] as const;
    for (const [category, each] of categories)
      text += `${calendar.text(calendar.dayIn(month, 1)).slice(0, 7)},${category},${Math.round(signups * each * (0.92 + chance.next() * 0.16))}\n`;
  }
  yield text;
}
