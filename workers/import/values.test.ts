import { describe, expect, test } from "vitest";
import { createJudges, type TypedColumn } from "./cells.ts";
import { headerMonth, orderEvidence, parseDate, parseMonth } from "./dates.ts";
import { commaEvidence, parseNumber, symbolFits } from "./numbers.ts";

describe("dates", () => {
  test.each([
    ["2024-01-31", "2024-01-31", false],
    [" 2024-1-5 ", "2024-01-05", false],
    ["2024/02/29", "2024-02-29", false],
    ["20240229", "2024-02-29", false],
    ["2024-01-31 9:05", "2024-01-31 09:05:00", false],
    ["2024-01-31T23:59:59.123456789", "2024-01-31 23:59:59.123456", false],
    ["2024-01-31T23:30:00Z", "2024-01-31 23:30:00", true],
    ["2024-01-31T23:30:00+02:00", "2024-01-31 21:30:00", true],
    ["2024-01-31 23:30:00-0230", "2024-02-01 02:00:00", true],
    ["2026-02-01T00:00Z", "2026-02-01 00:00:00", true],
    ["31 Jan 2024", "2024-01-31", false],
    ["Jan 31, 2024", "2024-01-31", false],
    ["31-January-2024", "2024-01-31", false],
    ["Jan 31, 2024, 1:05 PM", "2024-01-31 13:05:00", false],
    ["12/31/2024 12:00 AM", "2024-12-31 00:00:00", false],
  ])("%s is read", (given, text, zoned) => {
    expect(parseDate(given, "mdy")).toEqual({ text, zoned });
  });

  test.each([
    "2024-02-30",
    "2023-02-29",
    "2024-13-01",
    "1900-01-00",
    "0000-00-00",
    "24-01-05",
    "3/4/24",
    "2024-01-01 25:00",
    "2024-01-01T00:00:00+19:00",
    "2024-01-01 13:00 PM",
    "45292",
    "31/12/2024",
    "soon",
    "",
  ])("%s is refused rather than guessed", (given) => {
    expect(parseDate(given, "mdy")).toBeNull();
  });

  test("the order of day and month is as told", () => {
    expect(parseDate("03/04/2024", "dmy")?.text).toBe("2024-04-03");
    expect(parseDate("03/04/2024", "mdy")?.text).toBe("2024-03-04");
    expect(parseDate("03/04/2024", "ymd")).toBeNull();
  });

  test("what a value says about that order", () => {
    expect(["13/02/2024", "02.13.2024", "03-04-2024", "04/04/2024", "2024-01-02"].map(orderEvidence)).toEqual(
      ["dmy", "mdy", "either", "none", "none"],
    );
  });

  test("months have many names", () => {
    for (const given of [
      "2024-03",
      "2024/3",
      "202403",
      "03/2024",
      "Mar 2024",
      "March-2024",
      "Mar-24",
      "2024 Mar",
      "2024-M03",
      "2024-03-31",
    ])
      expect(parseMonth(given, "ymd")).toBe("2024-03-01");
    for (const given of ["2024-13", "2024", "Q1 2024", "Foo 2024", "3"])
      expect(parseMonth(given, "ymd")).toBeNull();
  });

  test("a header is a month only if it cannot be a number", () => {
    expect(headerMonth("Jan 2024")).toBe("2024-01-01");
    expect(["2024", "12", "Plan 12", "may", "total"].map(headerMonth)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("numbers", () => {
  test.each([
    ["10", false, "10"],
    ["-10.50", false, "-10.50"],
    ["+1,234,567.89", false, "1234567.89"],
    ["1.234.567,89", true, "1234567.89"],
    ["12,5", true, "12.5"],
    ["1 234.5", false, "1234.5"],
    ["1'234.50", false, "1234.50"],
    [".5", false, "0.5"],
    ["007", false, "7"],
    ["-0", false, "0"],
    ["-0.00", false, "0.00"],
    ["(12.30)", false, "-12.30"],
    ["$1,000", false, "1000"],
    ["-$5", false, "-5"],
    ["€ 5", false, "5"],
    ["5 EUR", false, "5"],
    ["USD 7.25", false, "7.25"],
  ])("%s is read", (given, comma, text) => {
    expect(parseNumber(given, comma)?.text).toBe(text);
  });

  test.each([
    "NaN",
    "Infinity",
    "1e400",
    "1e3",
    "1,2,3",
    "1.2.3",
    "1,23",
    "--5",
    "(-5)",
    "0x10",
    "1_000",
    "$",
    "",
    "ten",
    "9".repeat(16),
    "$5 USD",
  ])("%s is refused rather than guessed", (given) => {
    expect(parseNumber(given, false)).toBeNull();
  });

  test("what a value says about its comma", () => {
    const said = ["1,5", "1.234,5", "1,234.5", "1,234,567", "1,234", "0,925", "1.5", "1.105", "7"].map(
      commaEvidence,
    );
    expect(said).toEqual(["comma", "comma", "point", "point", "either", "comma", "point", "none", "none"]);
  });

  test("a symbol must fit its currency", () => {
    expect(symbolFits("€", "EUR")).toBe(true);
    expect(symbolFits("$", "AUD")).toBe(true);
    expect(symbolFits("$", "EUR")).toBe(false);
    expect(symbolFits("GBP", "USD")).toBe(false);
  });

  test("hostile text costs no time", () => {
    const started = performance.now();
    for (const text of [
      "1".repeat(100_000),
      `${"1,".repeat(50_000)}x`,
      " ".repeat(100_000),
      "(".repeat(100_000),
    ]) {
      parseNumber(text, false);
      parseDate(text, "dmy");
      parseMonth(text, "dmy");
      headerMonth(text);
      commaEvidence(text);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("typed cells", () => {
  const judges = createJudges({ dateOrder: "dmy", decimalComma: false });
  const judge = (type: TypedColumn, given: string) => {
    const { text, count, problem } = judges[type](given);
    return problem?.code ?? (type === "interval" ? [text, count] : text);
  };

  test("intervals", () => {
    expect(
      ["month", "Monthly", "years", "annual", "quarterly", "3 months", "every 2 weeks", "6-month", "day"].map(
        (given) => judge("interval", given),
      ),
    ).toEqual([
      ["month", 1],
      ["month", 1],
      ["year", 1],
      ["year", 1],
      ["month", 3],
      ["month", 3],
      ["week", 2],
      ["month", 6],
      ["day", 1],
    ]);
    for (const given of ["fortnight", "biannual", "0 months", "constructor", "toString"])
      expect(judge("interval", given)).toBe("interval_unknown");
  });

  test("statuses, currencies, counts and percentages", () => {
    expect(
      ["Active", "past due", "Cancelled", "in_trial", "zombie"].map((given) => judge("status", given)),
    ).toEqual(["active", "past_due", "canceled", "trialing", "status_unknown"]);
    expect(["usd", " EUR ", "XXY", "US"].map((given) => judge("currency", given))).toEqual([
      "USD",
      "EUR",
      "currency_unknown",
      "currency_unknown",
    ]);
    expect(["1", "012", "0", "1.5", "1001"].map((given) => judge("count", given))).toEqual([
      "1",
      "12",
      "count_invalid",
      "count_invalid",
      "count_invalid",
    ]);
    expect(["10", "10 %", "101", "-1"].map((given) => judge("percent", given))).toEqual([
      "10",
      "10",
      "percent_invalid",
      "negative",
    ]);
  });

  test("blank is empty, and so is what databases write for no date", () => {
    for (const type of ["date", "positive", "currency", "status"] as const)
      expect(judge(type, "  ")).toBe("");
    expect(["NULL", "\\N", "n/a", "-"].map((given) => judge("date", given))).toEqual(["", "", "", ""]);
    expect(judge("positive", "NULL")).toBe("number_invalid");
  });

  test("the same text is judged the same, however many others came between", () => {
    for (let n = 0; n < 30_000; n += 1) judge("positive", `${n}.5`);
    expect(judge("positive", "7.5")).toBe("7.5");
  });
});
