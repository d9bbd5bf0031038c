import type { RecordProblem } from "#db/csv/records.ts";
import type { CellProblem } from "./cells.ts";

/** What is wrong with a record before anybody asks what it says. */
export const recordProblems: Record<RecordProblem, CellProblem> = {
  unclosed_quote: { code: "unclosed_quote", message: "A quote is opened here and never closed." },
  quote_malformed: { code: "quote_malformed", message: "Text follows a closing quote." },
  record_too_long: { code: "record_too_long", message: "The record is longer than one row can be." },
  field_too_long: { code: "field_too_long", message: "The cell is longer than a cell can be." },
  too_many_columns: { code: "too_many_columns", message: "The row has more columns than a file can have." },
  nul_character: {
    code: "nul_character",
    message: "The cell holds a NUL character, which text cannot hold.",
  },
};
