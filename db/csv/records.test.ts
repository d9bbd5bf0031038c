import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellsOf, createRecordParser, MalformedCsv, type ParserLimits } from "./records.ts";

const limits: ParserLimits = { columns: 1000, field: 32 * 1024, record: 1024 * 1024 };

interface Found {
  rows: string[][];
  lines: number[];
  problems: [line: number, problem: string][];
}

function parse(
  text: string,
  form: {
    delimiter?: string;
    quote?: string | null;
    skipLines?: number;
    limits?: Partial<ParserLimits>;
  } = {},
  pieces = [text.length],
): Found {
  const found: Found = { rows: [], lines: [], problems: [] };
  const quote = form.quote === undefined ? '"' : form.quote;
  const parser = createRecordParser({
    delimiter: form.delimiter ?? ",",
    quote,
    skipLines: form.skipLines ?? 0,
    limits: { ...limits, ...form.limits },
    onRecord(record) {
      if (record.problem) found.problems.push([record.line, record.problem]);
      else {
        found.rows.push(cellsOf(record, quote));
        found.lines.push(record.line);
      }
    },
  });
  let at = 0;
  for (const size of pieces) {
    parser.push(text.slice(at, at + size));
    at += size;
  }
  parser.push(text.slice(at));
  parser.end();
  return found;
}

describe("records", () => {
  test.each<[name: string, text: string, rows: string[][], lines: number[]]>([
    [
      "plain rows",
      "a,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
      [1, 2],
    ],
    [
      "no line end at the end",
      "a,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
      [1, 2],
    ],
    [
      "CRLF",
      "a,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
      [1, 2],
    ],
    [
      "CR alone",
      'a,b\r"x\ry",2\r3,4',
      [
        ["a", "b"],
        ["x\ry", "2"],
        ["3", "4"],
      ],
      [1, 2, 4],
    ],
    ["mixed line ends", "a\r\nb\nc\rd", [["a"], ["b"], ["c"], ["d"]], [1, 2, 3, 4]],
    [
      "blank lines, which are none",
      "a,b\n\n\r\n1,2\n\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
      [1, 4],
    ],
    [
      "empty cells",
      'a,,\n,,c\n"",""\n',
      [
        ["a", "", ""],
        ["", "", "c"],
        ["", ""],
      ],
      [1, 2, 3],
    ],
    ["a delimiter at the very end", "a,b,", [["a", "b", ""]], [1]],
    [
      "ragged rows",
      "a,b,c\n1,2\n1,2,3,4\n",
      [
        ["a", "b", "c"],
        ["1", "2"],
        ["1", "2", "3", "4"],
      ],
      [1, 2, 3],
    ],
    ["quoted delimiters", '"a,b",c\n', [["a,b", "c"]], [1]],
    ["doubled quotes", 'x,"ha ""ha"" ha",""""\n', [["x", 'ha "ha" ha', '"']], [1]],
    [
      "quoted line ends of every sort",
      '"a\nb\r\nc\rd",2\n3,4\n',
      [
        ["a\nb\r\nc\rd", "2"],
        ["3", "4"],
      ],
      [1, 5],
    ],
    ["quotes inside a cell", `37°36'37"N,x "y" z\n`, [[`37°36'37"N`, 'x "y" z']], [1]],
    ["spaces as they are", ' a , "b" \n', [[" a ", ' "b" ']], [1]],
  ])("%s", (_name, text, rows, lines) => {
    expect(parse(text)).toEqual({ rows, lines, problems: [] });
  });

  test("any delimiter and quote, or none", () => {
    expect(parse("a`b c`d\n", { delimiter: "`" }).rows).toEqual([["a", "b c", "d"]]);
    expect(parse("'a;b';'it''s'\n", { delimiter: ";", quote: "'" }).rows).toEqual([["a;b", "it's"]]);
    expect(parse('"a,b"\n', { quote: null }).rows).toEqual([['"a', 'b"']]);
    expect(parse("a¬b", { delimiter: "¬" }).rows).toEqual([["a", "b"]]);
  });

  test("lines before the header are left out, and count", () => {
    expect(parse('"junk,\r\nmore\na,b\n1,2\n', { skipLines: 2 })).toMatchObject({
      rows: [
        ["a", "b"],
        ["1", "2"],
      ],
      lines: [3, 4],
    });
  });

  test("wherever the text is cut, the records are the same", () => {
    const text = 'a,"b\r\nc",d\r\n\r\n"x""y",,\r\n1,2,3\r4,5,6\n"last"';
    const whole = parse(text);
    for (let cut = 0; cut <= text.length; cut += 1) expect(parse(text, {}, [cut])).toEqual(whole);
    expect(
      parse(
        text,
        {},
        Array.from(text, () => 1),
      ),
    ).toEqual(whole);
  });

  test("what any writer writes comes back", () => {
    const cell = fc.oneof(fc.string({ unit: fc.constantFrom(..."ab,;'\"\r\n\t é\\😀") }), fc.string());
    const clean = cell.map((text) => text.replaceAll("\0", ""));
    const table = fc.array(fc.array(clean, { minLength: 1, maxLength: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(table, fc.constantFrom("\n", "\r\n", "\r"), fc.array(fc.nat(9)), (rows, eol, pieces) => {
        const text = rows
          .map((cells) => cells.map((value) => `"${value.replaceAll('"', '""')}"`).join(","))
          .join(eol);
        expect(parse(text, {}, pieces).rows).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });
});

describe("records that cannot be read", () => {
  test("a quote that never closes costs its own line, not the file", () => {
    expect(parse('a,b\n1,"open\n3,4\n5,6\n')).toEqual({
      rows: [
        ["a", "b"],
        ["3", "4"],
        ["5", "6"],
      ],
      lines: [1, 3, 4],
      problems: [[2, "unclosed_quote"]],
    });
  });

  test("nor does one that the next row's quote seems to close", () => {
    expect(parse('a,b\n1,"open\n"x",2\n"y",3\n')).toMatchObject({
      rows: [
        ["a", "b"],
        ["x", "2"],
        ["y", "3"],
      ],
      problems: [[2, "unclosed_quote"]],
    });
  });

  test("text behind a closing quote", () => {
    expect(parse('a\n"b"c\nd\n')).toMatchObject({ rows: [["a"], ["d"]], problems: [[2, "quote_malformed"]] });
  });

  test("NUL is named with its line", () => {
    expect(parse('a,b\n1,\0\n"\0",2\n3,4\n')).toMatchObject({
      rows: [
        ["a", "b"],
        ["3", "4"],
      ],
      problems: [
        [2, "nul_character"],
        [3, "nul_character"],
      ],
    });
  });

  test("cells, records and columns have bounds", () => {
    const small = { columns: 3, field: 10, record: 100 };
    expect(parse("a,b,c,d\n1\n", { limits: small })).toMatchObject({
      rows: [["1"]],
      problems: [[1, "too_many_columns"]],
    });
    expect(parse(`${"x".repeat(11)}\n1\n`, { limits: small })).toMatchObject({
      problems: [[1, "field_too_long"]],
    });
    expect(parse(`a\n${"x".repeat(500)}\r\n1\n`, { limits: small }, [50, 60, 70, 320, 4, 1])).toMatchObject({
      rows: [["a"], ["1"]],
      lines: [1, 3],
      problems: [[2, "record_too_long"]],
    });
  });

  test("ten thousand columns are one problem", () => {
    const row = Array.from({ length: 10_000 }, (_, n) => n).join(",");
    expect(parse(`${row}\na,b\n`)).toMatchObject({ rows: [["a", "b"]], problems: [[1, "too_many_columns"]] });
  });

  test("a file that is full of open quotes is given up", () => {
    expect(() => parse(Array.from({ length: 200 }, () => 'a,"b"c').join("\n"))).toThrow(MalformedCsv);
  });

  test.each([
    ["without quotes", "x"],
    ["behind an opening quote", '"x'],
  ])("a hundred megabytes on one line, %s, take little memory and time", (_name, begin) => {
    const piece = "y".repeat(1024 * 1024);
    const before = process.memoryUsage().rss;
    const started = process.cpuUsage();
    let most = 0;
    const problems: string[] = [];
    const rows: string[][] = [];
    const parser = createRecordParser({
      delimiter: ",",
      quote: '"',
      limits,
      onRecord: (record) =>
        void (record.problem ? problems.push(record.problem) : rows.push(cellsOf(record, '"'))),
    });
    parser.push(begin);
    for (let n = 0; n < 100; n += 1) {
      parser.push(piece);
      most = Math.max(most, process.memoryUsage().rss);
    }
    parser.push("\nnext,row\n");
    parser.end();
    const used = process.cpuUsage(started);
    expect(problems).toHaveLength(1);
    expect(rows).toEqual([["next", "row"]]);
    expect(most - before).toBeLessThan(64 * 1024 * 1024);
    expect((used.user + used.system) / 1e6).toBeLessThan(2);
  });
});
