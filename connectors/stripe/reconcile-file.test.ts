import { describe, expect, test } from "vitest";
import { amountIn, monthIn, reportColumns, reportFigures, UnknownReport } from "./reconcile-file.ts";

describe("Stripe’s report MRR per subscriber per month", () => {
  test("has a column per month, in the customer’s currency", () => {
    const columns = reportColumns([
      "Customer ID",
      "Customer",
      "Customer Email",
      "Currency",
      "2026-02",
      "2026-03",
    ]);
    expect(reportFigures(columns, ["cus_1", "Ada", "ada@example.com", "eur", "10.00", "1,234.5"])).toEqual([
      { customerId: "cus_1", month: "2026-02", mrr: "10.00", currency: "EUR" },
      { customerId: "cus_1", month: "2026-03", mrr: "1234.5", currency: "EUR" },
    ]);
  });

  test("may name the month in each row, and no currency", () => {
    const columns = reportColumns(["\ufeffsubscriber_id", "Month", "MRR"]);
    expect(reportFigures(columns, ["cus_1", "Mar 2026", "$20"])).toEqual([
      { customerId: "cus_1", month: "2026-03", mrr: "20", currency: null },
    ]);
  });

  test("has no figure in empty cells and in a row of totals", () => {
    const columns = reportColumns(["Customer ID", "Currency", "2026-02", "2026-03"]);
    expect(reportFigures(columns, ["cus_1", "usd", "", "0"])).toHaveLength(1);
    expect(reportFigures(columns, ["", "usd", "900", "1000"])).toEqual([]);
  });

  test.each([
    ["no customer", ["Month", "MRR"], "Customer ID"],
    ["no month", ["Customer ID", "MRR"], "column of a month"],
    ["a summary", ["Customer ID", "Churn"], "column of a month"],
  ])("is refused with the missing column: %s", (_name, header, words) => {
    expect(() => reportColumns(header)).toThrow(words);
  });

  test("says which cell cannot be read", () => {
    const columns = reportColumns(["Customer ID", "Currency", "2026-02"]);
    expect(() => reportFigures(columns, ["cus_1", "usd", "ten"])).toThrow(UnknownReport);
    expect(() => reportFigures(columns, ["cus_1", "florins", "10"])).toThrow("no currency");
  });

  test.each([
    ["2026-03", "2026-03"],
    ["2026-03-31", "2026-03"],
    ["2026-03-31 00:00:00", "2026-03"],
    ["MRR 2026-03", "2026-03"],
    ["March 2026", "2026-03"],
    ["Sep 2026", "2026-09"],
    ["3/2026", "2026-03"],
    ["2026-13", null],
    ["Customer", null],
    ["Foo 2026", null],
  ])("reads the month in “%s”", (text, month) => {
    expect(monthIn(text)).toBe(month);
  });

  test.each([
    ["10", "10"],
    ["-3.50", "-3.50"],
    ["$1,234.50", "1234.50"],
    ["€ 5", "5"],
    ["¥1,200", "1200"],
    ["1.2e3", null],
    ["12,5", null],
    ["", null],
  ])("reads the amount in “%s”", (text, amount) => {
    expect(amountIn(text)).toBe(amount);
  });
});
