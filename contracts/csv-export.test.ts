import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvCell, csvDownloadHeaders, csvRecord, guardFormula, toCsv, unguardFormula } from "./csv-export.ts";

describe("formulas in exported text", () => {
  test.each([
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ["+1+1", "'+1+1"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\tx", "'\tx"],
    ["\rx", "'\rx"],
    ["\nx", "'\nx"],
    [" =1+1", "' =1+1"],
    ['"=1+1', "'\"=1+1"],
    ["＝1+1", "'＝1+1"],
    ["＋x", "'＋x"],
    ["－x", "'－x"],
    ["＠x", "'＠x"],
    ["'=1+1", "''=1+1"],
  ])("%j is written as %j", (given, written) => {
    expect(guardFormula(given)).toBe(written);
  });

  test.each(["-12.5", "+3", "-1,234.50", "5 %", "plain", "", "a=b", "'quoted'", "--"])(
    "%j stays as it is or comes back",
    (given) => {
      expect(unguardFormula(guardFormula(given))).toBe(given);
    },
  );

  test("numbers keep their sign without an apostrophe", () => {
    expect(csvRecord([-12.5, "-12.5", "+3"])).toBe("-12.5,-12.5,+3\r\n");
  });

  test("whatever is written comes back the same", () => {
    const nasty = fc.string({ unit: fc.constantFrom(..."=+-@\t\r\n'\" a1.,％＝") });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), nasty), (text) => {
        expect(unguardFormula(guardFormula(text))).toBe(text);
      }),
    );
  });
});

describe("records", () => {
  test("quotes, separators and line ends are quoted", () => {
    expect(csvCell('say "hi"')).toBe('"say ""hi"""');
    expect(csvRecord(["a,b", "c;d", "e\nf", null, undefined, true])).toBe('"a,b","c;d","e\nf",,,true\r\n');
  });

  test("a file has its header first", () => {
    expect(toCsv(["a", "b"], [["1", 2]])).toBe("a,b\r\n1,2\r\n");
  });

  test("a single empty cell is no blank line", () => {
    expect(csvRecord([""])).toBe('""\r\n');
  });
});

describe("the name of a download", () => {
  test("cannot break the header", () => {
    const headers = csvDownloadHeaders('../a\r\nSet-Cookie: x="1" é');
    expect(headers["Content-Disposition"]).toBe(
      "attachment; filename=\".._a_Set-Cookie_ x=_1_ _.csv\"; filename*=UTF-8''.._a_Set-Cookie_%20x%3D_1_%20%C3%A9.csv",
    );
    expect(headers["Content-Type"]).toBe("text/csv; charset=utf-8");
  });
});
