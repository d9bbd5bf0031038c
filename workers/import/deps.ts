import type { ParserLimits } from "#db/csv/records.ts";
import type { Database } from "#db/database.ts";
import type { Limits } from "#root/env.ts";
import type { Logger } from "#root/log.ts";

/** What the import tasks take. */
export interface ImportDeps {
  /** The workers' pool; each import opens one more connection of its own from its address. */
  db: Database;
  limits: Limits;
  log: Logger;
}

export const parserLimits = (limits: Limits): ParserLimits => ({
  columns: limits.csvColumns,
  field: limits.csvFieldBytes,
  record: limits.csvRecordBytes,
});

/** Rejected rows that are listed; all are counted. */
export const maxListedErrors = 100_000;
/** Rows of the preview. */
export const previewRows = 200;
