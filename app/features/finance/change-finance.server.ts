import type { ActionFunctionArgs } from "@remix-run/node";
import { fieldText } from "../../lib/form-fields.ts";
import { sharePercent } from "./share-percent.ts";

/** What the forms of the finance page do. Amounts are checked where they are written. */
export async function changeFinance({ request, context }: ActionFunctionArgs) {
  const form = await request.formData();
  const { reference, finance } = context.trpc;
  const text = (name: string) => fieldText(form, name).trim();
  const given = (name: string) => text(name) || null;
  const id = text("id");
  switch (text("intent")) {
    case "rate-add":
      await reference.createFxRate({
        date: text("date"),
        from: text("from").toUpperCase(),
        to: text("to").toUpperCase(),
        rate: text("rate"),
      });
      return { saved: "The rate is in force; what is held in its currency has been valued again." };
    case "rate-change":
      await reference.updateFxRate({ id, date: text("date"), rate: text("rate") });
      return { saved: "The rate is changed; what is held in its currency has been valued again." };
    case "rate-delete":
      await reference.deleteFxRate({ id });
      return { saved: "The rate is deleted." };
    case "spend-add":
      await reference.createSpend({ ...spendOf(text, given), currency: text("currency").toUpperCase() });
      return { saved: "The spend is added." };
    case "spend-change":
      await reference.updateSpend({ id, ...spendOf(text, given), currency: text("currency").toUpperCase() });
      return { saved: "The spend is changed." };
    case "spend-delete":
      await reference.deleteSpend({ id });
      return { saved: "The spend is deleted." };
    case "month-delete":
      await finance.delete({ month: text("month") });
      return { saved: "The month is deleted." };
    default: {
      const margin = given("gross_margin");
      await finance.put({
        month: text("month"),
        currency: text("currency").toUpperCase(),
        revenue: given("revenue"),
        profit: given("profit"),
        net_burn: given("net_burn"),
        gross_margin: margin === null ? null : sharePercent(margin),
      });
      return { saved: "The month is saved." };
    }
  }
}

const spendOf = (text: (name: string) => string, given: (name: string) => string | null) => ({
  month: text("month"),
  amount: text("amount"),
  category: given("category"),
});
