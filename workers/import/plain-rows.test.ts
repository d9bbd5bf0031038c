import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { UploadKind } from "#contracts/upload-kinds.ts";
import type { Dialect, UploadErrorItem } from "#contracts/uploads.ts";
import { layoutOf } from "./layout.ts";
import { matchColumns } from "./mapping.ts";
import { readRecords } from "./read-file.ts";
import { createRowBuffer } from "./row-buffer.ts";
import { createRowStager } from "./row-stager.ts";

const limits = { columns: 100, field: 1_000, record: 4_000 };
const settings = { dateOrder: "dmy", decimalComma: false, currency: "USD" } as const;

interface File {
  kind?: UploadKind;
  names?: string[];
  text: string | Buffer;
  /** Sizes of the pieces in which it comes; the last goes on to the end. */
  sizes?: number[];
  dialect?: Partial<Dialect>;
}

const names = ["customer_id", "plan", "amount", "currency", "interval", "started_at", "ended_at", "status"];

/** Reads a file as an import does. @param asBytes plain lines as bytes, where there are any */
async function stage(
  { kind = "subscriptions", names: header = names, text, sizes = [], ...form }: File,
  asBytes: boolean,
) {
  const dialect: Dialect = {
    delimiter: ",",
    quote: '"',
    encoding: "utf-8",
    encoding_guessed: false,
    eol: "\n",
    ...form.dialect,
  };
  const layout = layoutOf(kind, header, matchColumns(kind, header, {}, true).targets, dialect);
  const refused: UploadErrorItem[] = [];
  const stager = createRowStager(layout, settings, (item) => refused.push(item));
  const out = createRowBuffer(layout.delimiter);
  const plain = asBytes ? stager.plain(out, limits.field) : null;
  const bytes = Buffer.from(text);
  async function* source() {
    let at = 0;
    for (const size of [...sizes, bytes.length]) {
      if (at < bytes.length) yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  let rows = "";
  let taken = 0;
  let read = 0;
  const marks = await readRecords({
    source: source(),
    form: { dialect, skipLines: 0 },
    limits,
    onRecord(record) {
      read += 1;
      const row = stager.stage(record);
      if (row !== null) out.write(row);
    },
    plain: plain && {
      take(piece, from, line) {
        const found = plain.take(piece, from, line);
        taken += found.rows;
        read += found.rows;
        return found;
      },
    },
    async onPiece() {
      rows += out.take().toString("utf8");
      return true;
    },
  });
  return {
    taken,
    staged: { rows, refused, read, marks, mixed: stager.mixed(), zoned: stager.zoned() },
  };
}

/** What the bytes give, and how many lines went that way; it must be what the text gives. */
async function both(file: File): Promise<{ rows: string; taken: number }> {
  const slow = await stage(file, false);
  const fast = await stage(file, true);
  expect(fast.staged).toEqual(slow.staged);
  return { rows: fast.staged.rows, taken: fast.taken };
}

const row = "C1,Team,12.50,EUR,month,2024-01-31,,active";

describe("plain lines, passed on as bytes", () => {
  test("are staged as they stand, behind their line, zones and months", async () => {
    expect(await both({ text: `${row}\n${row}\r\n${row}\n\n${row}\n${row}` })).toEqual({
      rows: [1, 2, 3, 5, 6].map((line) => `${line},0,1,${row}\n`).join(""),
      // the first may have a mark before it, the last has no end
      taken: 3,
    });
  });

  test.each([
    ["a quote", row.replace("Team", '"Team"')],
    ["a letter beyond ASCII", row.replace("Team", "Tëam")],
    ["a backslash", row.replace("Team", "a\\b")],
    ["a guarded formula", row.replace("Team", "'=1")],
    ["an amount in another form", row.replace("12.50", "1,250.00").replace("1,250.00", '"1,250.00"')],
    ["a day in another form", row.replace("2024-01-31", "31.01.2024")],
    ["a time with its zone", row.replace("2024-01-31", "2024-01-31T10:00:00+02:00")],
    ["an interval in other words", row.replace("month", "quarterly")],
    ["a word that is no amount", row.replace("12.50", "free")],
    ["no customer", row.replace("C1", "")],
    ["a blank customer", row.replace("C1", " ")],
    ["a long customer", row.replace("C1", "c".repeat(501))],
    ["an end before its start", row.replace(",,", ",2023-01-01,")],
    ["a cell too few", row.slice(0, row.lastIndexOf(","))],
    ["a cell too many", `${row},more`],
    ["a NUL", row.replace("Team", "a\0b")],
    ["a CR in a line", row.replace("Team", "a\rb")],
    ["a very long cell", row.replace("Team", "a".repeat(1_200))],
  ])("leave a line with %s to the one that understands it", async (_, odd) => {
    const { taken } = await both({ text: `${row}\n${row}\n${odd}\n${row}\n` });
    expect(taken).toBe(2);
  });

  test("may hold other columns than the known ones left out, and tabs or semicolons between them", async () => {
    const rate = "2024-01-02;EUR;USD;1.1;seen";
    const { taken } = await both({
      kind: "fx_rates",
      names: ["date", "from", "to", "rate", "note"],
      text: `${rate}\n${rate}\n${rate.replace("seen", "")}\n`,
      dialect: { delimiter: ";" },
    });
    expect(taken).toBe(2);
  });

  test("are not looked for where rows are put together anew, or in two bytes a letter", async () => {
    const asAttribute = { names: [...names.slice(0, 7), "segment"], text: `${row}\n` };
    expect((await both(asAttribute)).taken).toBe(0);
    const wide = Buffer.from(`${row}\n`, "utf16le");
    expect((await both({ text: wide, dialect: { encoding: "utf-16le" } })).taken).toBe(0);
  });

  test("any file, however it is cut, is staged as it would be as text", async () => {
    const id = fc.constantFrom("C1", "C2", " ", "", "É7", "'x");
    const cells = fc.tuple(
      id,
      fc.constantFrom("Team", '"Te,am"', '"a\nb"', "'=1", "ä", "a\\b", ""),
      fc.constantFrom("1", "12.50", "1.250,00", "-1", "x", "007", "$5", ""),
      fc.constantFrom("EUR", "usd", "XXX", ""),
      fc.constantFrom("month", "Year", "quarterly", "week", ""),
      fc.constantFrom("2024-01-31", "31.01.2024", "2024-01-31T10:00:00Z", "2024-02-30", ""),
      fc.constantFrom("", "2024-03-01", "2023-01-01"),
      fc.constantFrom("", "active", "Canceled", "canceled"),
    );
    const line = fc.oneof(
      { weight: 4, arbitrary: fc.constant(row) },
      { weight: 3, arbitrary: cells.map((all) => all.join(",")) },
      { weight: 1, arbitrary: fc.constantFrom("", '"', "a,b", `${row},`, `${row},x`, 'C1,"Te"am,1') },
    );
    const ended = fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\r")).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(ended, { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 12 }),
        fc.constantFrom("", "\ufeff"),
        async (lines, sizes, mark) => {
          await both({ text: mark + lines.join(""), sizes });
        },
      ),
      { numRuns: 300 },
    );
  });
});
