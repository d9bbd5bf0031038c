import { describe, expect, test } from "vitest";
import { columnsOf, looseName, uploadKinds } from "#contracts/upload-kinds.ts";
import { dateOrderOf, type UploadOptions, uploadOptions } from "#contracts/uploads.ts";
import { detectDialect, readSample } from "./dialect.ts";
import { columnNames } from "./header.ts";
import { detectKind, isWide, looksLikeHeader, matchColumns } from "./mapping.ts";
import { createValueReader } from "./value-questions.ts";

const limits = { columns: 1000, field: 32 * 1024, record: 1024 ** 2 };
const dialectOf = (text: string | Buffer, given: UploadOptions = {}) => {
  const sample = typeof text === "string" ? Buffer.from(text) : text;
  const found = detectDialect(sample, given, { validUtf8: true, complete: true, limits });
  return { ...found, rows: readSample(sample, found, limits, { complete: true, max: 100 }).records };
};

describe("the dialect of a file", () => {
  test.each([
    ["commas", "a,b,c\n1,2,3\n", ",", "\n"],
    ["semicolons with decimal commas", "a;b;c\n1,5;2,5;3,5\n", ";", "\n"],
    ["tabs", "a\tb\r\n1, 2\t3\r\n", "\t", "\r\n"],
    ["pipes", "a|b\n1,1|2\n", "|", "\n"],
    ["backticks", "id`text\n1`can be seen napping\n2`a bud, too\n", "`", "\n"],
    ["CR alone", 'a,b\r"x\ry",2\r', ",", "\r"],
    ["one column", "customer_id\na\nb\n", ",", "\n"],
    ["commas inside quotes", 'a;b\n"1,2,3,4";5\n"1,2,3,4";5\n', ";", "\n"],
    ["Excel's own hint", "sep=;\na;b\n1;2\n", ";", "\n"],
    ["one line without an end", "a;b;c", ";", "\n"],
  ])("%s", (_name, text, delimiter, eol) => {
    expect(dialectOf(text).dialect).toMatchObject({ delimiter, eol, quote: '"', encoding: "utf-8" });
  });

  test("apostrophes quote only where nothing else does, from delimiter to delimiter", () => {
    expect(dialectOf("a,b\n'x,y','z'\n'p','q'\n").dialect.quote).toBe("'");
    expect(dialectOf("a,b\n'tis,1\nit's,2\n").dialect.quote).toBe('"');
  });

  test("what is given overrides what would be detected", () => {
    const { dialect, skipLines, rows } = dialectOf("x;y\n# note\na,b;'c'\n", {
      delimiter: ",",
      quote: null,
      skip_leading_lines: 2,
      encoding: "windows-1252",
    });
    expect(dialect).toMatchObject({
      delimiter: ",",
      quote: null,
      encoding: "windows-1252",
      encoding_guessed: false,
    });
    expect(skipLines).toBe(2);
    expect(rows).toEqual([["a", "b;'c'"]]);
  });

  test("options are read generously, and nonsense is refused", () => {
    expect(
      uploadOptions.parse({
        delimiter: "\\t",
        quote: "",
        encoding: "Latin-1",
        currency: "eur",
        date_format: "DD/MM/YYYY",
      }),
    ).toEqual({
      delimiter: "\t",
      quote: null,
      encoding: "windows-1252",
      currency: "EUR",
      date_format: "dmy",
    });
    for (const bad of [
      { delimiter: ",," },
      { encoding: "ebcdic" },
      { date_format: "x" },
      { timezone: "Mars" },
      { currency: "US" },
      { unknown: 1 },
    ])
      expect(uploadOptions.safeParse(bad).success).toBe(false);
    expect(["%m/%d/%Y", "yyyy-mm-dd", "d.m.Y H:i", "ISO 8601", "MM/DD/YYYY"].map(dateOrderOf)).toEqual([
      "mdy",
      "ymd",
      "dmy",
      "ymd",
      "mdy",
    ]);
  });
});

describe("columns", () => {
  const detect = (header: string) => {
    const names = columnNames(header.split(","), 0);
    return detectKind(names, {});
  };

  test.each([
    ["customer_id,amount,started_at", "subscriptions"],
    ["Customer ID,Unit Price,Start Date,Plan Name", "subscriptions"],
    ["customerId,month,mrr", "mrr_by_month"],
    ["account id,2024-01,2024-02", "mrr_by_month"],
    ["customer_id,date,amount", "transactions"],
    ["user_id,timestamp", "transactions"],
    ["month,amount", "spend"],
    ["month,category,cost,currency", "spend"],
    ["date,from,to,rate", "fx_rates"],
    ["customer_id,name,email,signup_at", "customers"],
    ["id,name,created_at", "customers"],
    ["customerID,gender,tenure,MonthlyCharges,TotalCharges,Churn", "customers"],
    ["a,b,c", undefined],
  ])("%s is %s", (header, kind) => {
    expect(detect(header)?.kind).toBe(kind);
    expect(detect(header)?.questions ?? []).toEqual([]);
  });

  test("money per customer and month is no spend", () => {
    expect(detect("customer_id,month,amount")?.kind).toBe("mrr_by_month");
    expect(detect("customer_id,period_start,amount")?.kind).toBe("customers");
  });

  test("an exact name needs no choice; two likely ones do, unless the kind is told and they are optional", () => {
    expect(detect("customer_id,account,amount,price,started_at")?.questions).toEqual([]);
    expect(detect("customer,account,amount,started_at")?.questions).toMatchObject([{ field: "customer_id" }]);
    const names = ["customer_id", "amount", "started_at", "end_date", "canceled_at"];
    expect(matchColumns("subscriptions", names, {}, false).questions).toMatchObject([{ field: "ended_at" }]);
    expect(matchColumns("subscriptions", names, {}, true)).toMatchObject({
      questions: [],
      targets: ["customer_id", "amount", "started_at", "ended_at", "attr.canceled_at"],
    });
  });

  test("a mapping comes first, null leaves out, and the rest is matched as without it", () => {
    const names = ["who", "price", "amount", "since", "note"];
    const mapping = { who: "customer_id", price: "amount", since: "started_at", note: null };
    expect(matchColumns("subscriptions", names, mapping, true)).toMatchObject({
      targets: ["customer_id", "amount", "attr.amount", "started_at", null],
      questions: [],
    });
  });

  test("wide files are those with months for columns", () => {
    const names = ["customer_id", "Jan 2024", "Feb 2024"];
    const { targets } = matchColumns("mrr_by_month", names, {}, true);
    expect(targets).toEqual(["customer_id", "mrr", "mrr"]);
    expect(isWide("mrr_by_month", targets, names)).toBe(true);
    expect(isWide("mrr_by_month", ["customer_id", "month", "mrr"], ["customer_id", "month", "mrr"])).toBe(
      false,
    );
  });

  test.each(uploadKinds)("no two columns of %s share a name", (kind) => {
    const all = columnsOf(kind).flatMap(({ name, synonyms }) => [...new Set([looseName(name), ...synonyms])]);
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
    expect(all.every((name) => name === looseName(name))).toBe(true);
  });

  test("names are made usable and unique", () => {
    expect(columnNames(["a", "", "a", " ", "column_2"], 6)).toEqual([
      "a",
      "column_2_",
      "column_3",
      "column_4",
      "column_2",
      "column_6",
    ]);
    expect(columnNames(null, 2)).toEqual(["column_1", "column_2"]);
  });

  test("a first row of data is no header", () => {
    expect(looksLikeHeader(["2007-01-01", "", ""])).toBe(false);
    expect(looksLikeHeader(["1", "2", "3.5"])).toBe(false);
    expect(looksLikeHeader(["a", "b", "3"])).toBe(true);
    expect(looksLikeHeader(["customer_id", "2024-01", "2024-02"])).toBe(true);
  });
});

describe("what values leave open", () => {
  const ask = (column: string, values: string[], options: UploadOptions = {}) => {
    const names = ["customer_id", "amount", "started_at"];
    const reader = createValueReader("subscriptions", names, names, options);
    for (const value of values) reader.read((index) => (names[index] === column ? value : ""));
    return { ...reader.result(), decided: reader.decided() };
  };

  test("dates", () => {
    expect(ask("started_at", ["01/02/2024"]).questions).toMatchObject([{ code: "date_format" }]);
    expect(ask("started_at", ["01/02/2024", "13/02/2024"])).toMatchObject({
      dateOrder: "dmy",
      questions: [],
      decided: true,
    });
    expect(ask("started_at", ["01/02/2024", "02/13/2024"])).toMatchObject({
      dateOrder: "mdy",
      questions: [],
    });
    expect(ask("started_at", ["13/02/2024", "02/13/2024"]).questions).toMatchObject([
      { code: "date_format" },
    ]);
    expect(ask("started_at", ["02/02/2024", "2024-01-01"]).questions).toEqual([]);
    expect(ask("started_at", ["01/02/2024"], { date_format: "mdy" })).toMatchObject({
      dateOrder: "mdy",
      questions: [],
    });
  });

  test("decimal signs", () => {
    expect(ask("amount", ["1,234"]).questions).toMatchObject([{ code: "decimal_comma" }]);
    expect(ask("amount", ["1,234", "1.5"])).toMatchObject({ decimalComma: false, questions: [] });
    expect(ask("amount", ["1,234", "1,5"])).toMatchObject({ decimalComma: true, questions: [] });
    expect(ask("amount", ["1.234"])).toMatchObject({ decimalComma: false, questions: [] });
    expect(ask("amount", ["1,234"], { decimal_comma: true })).toMatchObject({
      decimalComma: true,
      questions: [],
    });
  });
});
