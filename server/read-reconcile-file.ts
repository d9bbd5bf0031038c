import {
  type ReportColumns,
  type ReportFigure,
  reportColumns,
  reportFigures,
  UnknownReport,
} from "#connectors/stripe/reconcile-file.ts";
import { cellsOf, createRecordParser, MalformedCsv, type ParserLimits } from "#db/csv/records.ts";
import type { Limits } from "#root/env.ts";
import { AppError } from "#root/errors.ts";

/** Figures of one file: a hundred thousand customers over two years. */
const mostFigures = 2_400_000;

const refused = (message: string): AppError =>
  new AppError("UNPROCESSABLE", message, { reason: "report_unreadable" });

/** Which of the usual characters parts the header's cells: spreadsheets of other languages save with `;`. */
function delimiterOf(csv: string): string {
  const header = csv.slice(0, 10_000).split(/[\r\n]/, 1)[0] ?? "";
  const count = (delimiter: string) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * The figures of Stripe's report "MRR per subscriber per month".
 * @throws AppError UNPROCESSABLE, reason `report_unreadable`, that says what is wrong and in which line
 */
export function readReconcileFile(
  csv: string,
  limits: Pick<Limits, "csvColumns" | "csvFieldBytes" | "csvRecordBytes">,
): ReportFigure[] {
  const parserLimits: ParserLimits = {
    columns: limits.csvColumns,
    field: limits.csvFieldBytes,
    record: limits.csvRecordBytes,
  };
  const quote = '"';
  const figures: ReportFigure[] = [];
  let columns: ReportColumns | null = null;
  let line = 1;
  const parser = createRecordParser({
    delimiter: delimiterOf(csv),
    quote,
    limits: parserLimits,
    onRecord(record) {
      line = record.line;
      if (record.problem) throw new UnknownReport("The line is no CSV as Stripe writes it.");
      const cells = cellsOf(record, quote);
      if (columns === null) columns = reportColumns(cells);
      else figures.push(...reportFigures(columns, cells));
      if (figures.length > mostFigures) throw new UnknownReport("The file holds too many figures.");
    },
  });
  try {
    parser.push(csv);
    parser.end();
  } catch (error) {
    if (error instanceof MalformedCsv) throw refused(`Line ${error.line}: ${error.message}`);
    if (error instanceof UnknownReport)
      throw refused(columns === null ? error.message : `Line ${line}: ${error.message}`);
    throw error;
  }
  if (figures.length === 0)
    throw refused("The file holds no figures. Choose Stripe’s report “MRR per subscriber per month”.");
  return figures;
}
