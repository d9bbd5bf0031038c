import { z } from "zod";
import { isCurrency } from "#metrics/currency.ts";
import { isTimeZone } from "#metrics/time-zone.ts";
import { pageInput, pageOf } from "./lists.ts";
import { uploadKinds } from "./upload-kinds.ts";

/** The wire shapes of uploads: tRPC, REST and the multipart route share them. */

export const uploadKind = z.enum(uploadKinds);

export const uploadStatuses = [
  "queued",
  "parsing",
  "needs_mapping",
  "importing",
  "done",
  "failed",
  "cancelled",
  "undone",
  "previewed",
] as const;
export type UploadStatus = (typeof uploadStatuses)[number];

/** Nothing more will happen by itself. */
export const restingStatuses = [
  "needs_mapping",
  "done",
  "failed",
  "cancelled",
  "undone",
  "previewed",
] as const satisfies readonly UploadStatus[];

/**
 * File column → canonical column, `attr.NAME` (a customer attribute), or null (left out). What is not named is matched by
 * itself. Several month columns may each map to `mrr`: the wide form of mrr_by_month.
 */
export const uploadMapping = z.record(z.string().max(1_000_000), z.string().min(1).max(1_000_000).nullable());
export type UploadMapping = z.infer<typeof uploadMapping>;

export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof encodings)[number];

/** `utf-16` alone leaves it to the file's byte order mark. */
const encodingNames: ReadonlyMap<string, Encoding | "utf-16"> = new Map([
  ["utf8", "utf-8"],
  ["utf16", "utf-16"],
  ["utf16le", "utf-16le"],
  ["utf16be", "utf-16be"],
  ["windows1252", "windows-1252"],
  ["cp1252", "windows-1252"],
  ["latin1", "windows-1252"],
  ["iso88591", "windows-1252"],
  ["ascii", "utf-8"],
]);

export const dateOrders = ["ymd", "dmy", "mdy"] as const;
export type DateOrder = (typeof dateOrders)[number];

/** `DD/MM/YYYY`, `%d.%m.%Y`, `dmy` → the order in which day, month and year come; null if the text names none. */
export function dateOrderOf(format: string): DateOrder | null {
  const letters = format.toLowerCase().replace(/iso.*/, "ymd");
  const order = [...new Set(letters.replace(/[^dmy]/g, ""))].join("").slice(0, 3);
  return dateOrders.find((known) => known === order) ?? null;
}

const separator = z
  .string()
  .transform((value) => (value === "\\t" || value.toLowerCase() === "tab" ? "\t" : value))
  .refine((value) => value.length === 1 && !"\r\n\0".includes(value), "must be one character");

/** How to read the file where detection would guess otherwise. */
export const uploadOptions = z
  .object({
    /** False: the first line is data, and the columns are called column_1, column_2, … */
    header: z.boolean(),
    /** Lines before the header. */
    skip_leading_lines: z.number().int().min(0).max(10_000),
    delimiter: separator,
    /** Empty or null: nothing is quoted. */
    quote: z.union([z.literal("").transform(() => null), z.null(), separator]),
    encoding: z.string().transform((value, ctx): Encoding | "utf-16" => {
      const known = encodingNames.get(value.toLowerCase().replace(/[^a-z0-9]/g, ""));
      if (known) return known;
      ctx.addIssue({ code: "custom", message: `must be one of ${encodings.join(", ")}` });
      return z.NEVER;
    }),
    /** dmy, mdy, ymd, or a pattern such as DD/MM/YYYY. */
    date_format: z.string().transform((value, ctx): DateOrder => {
      const order = dateOrderOf(value);
      if (order) return order;
      ctx.addIssue({ code: "custom", message: "must be dmy, mdy, ymd or a pattern such as DD/MM/YYYY" });
      return z.NEVER;
    }),
    /** True: 1.234,56. False: 1,234.56. */
    decimal_comma: z.boolean(),
    /** Of amounts in rows without one. */
    currency: z
      .string()
      .transform((value) => value.toUpperCase())
      .pipe(z.string().refine(isCurrency, "must be a currency such as USD")),
    /** IANA zone of times that name none. */
    timezone: z.string().max(100).refine(isTimeZone, "must be a time zone such as Europe/Berlin"),
  })
  .partial()
  .strict();
export type UploadOptions = z.output<typeof uploadOptions>;

/** What a person asked for, with the file or later. */
export const uploadRequest = z
  .object({
    kind: uploadKind.nullish(),
    mapping: uploadMapping.nullish(),
    options: uploadOptions.nullish(),
  })
  .strict();
export type UploadRequest = z.output<typeof uploadRequest>;

export const eols = ["\n", "\r\n", "\r"] as const;
export const dialect = z.object({
  encoding: z.enum(encodings),
  /** True where no mark and no valid UTF-8 decided: windows-1252 is the last resort. */
  encoding_guessed: z.boolean(),
  delimiter: z.string(),
  quote: z.string().nullable(),
  /** The line end that comes most often. */
  eol: z.enum(eols),
});
export type Dialect = z.infer<typeof dialect>;

/** What only a person can decide. */
export const uploadQuestion = z.discriminatedUnion("code", [
  /** No kind's required columns are all there. */
  z.object({ code: z.literal("kind"), message: z.string() }),
  /** A required column of the kind was not found. */
  z.object({ code: z.literal("missing_column"), field: z.string(), message: z.string() }),
  /** Several file columns could be this one; or one could by its cells, though not by its name. */
  z.object({
    code: z.literal("ambiguous_column"),
    field: z.string(),
    columns: z.array(z.string()),
    message: z.string(),
  }),
  /** 03/04/2024: March or April? Answer with options.date_format. */
  z.object({
    code: z.literal("date_format"),
    column: z.string(),
    examples: z.array(z.string()),
    choices: z.array(z.enum(dateOrders)),
    message: z.string(),
  }),
  /** 1,234: a thousand or one and a bit? Answer with options.decimal_comma. */
  z.object({
    code: z.literal("decimal_comma"),
    column: z.string(),
    examples: z.array(z.string()),
    message: z.string(),
  }),
  /** The mapping names something that is not there. */
  z.object({ code: z.literal("mapping"), column: z.string(), message: z.string() }),
]);
export type UploadQuestion = z.infer<typeof uploadQuestion>;

/** What the job is doing, for the progress bar. */
export const uploadPhases = ["reading", "checking", "customers", "facts", "metrics", "undoing"] as const;
export type UploadPhase = (typeof uploadPhases)[number];

export const uploadOutput = z.object({
  id: z.uuid(),
  status: z.enum(uploadStatuses),
  kind: uploadKind.nullable(),
  file_name: z.string(),
  bytes: z.number().int(),
  dry_run: z.boolean(),
  dialect: dialect.nullable(),
  /** The file's columns by name, in its order. */
  columns: z.array(z.string()),
  mapping: uploadMapping.nullable(),
  options: z.record(z.string(), z.unknown()),
  questions: z.array(uploadQuestion),
  rows: z.object({
    read: z.number().int(),
    imported: z.number().int(),
    rejected: z.number().int(),
    /** Estimated while the file is read; null before. */
    total: z.number().int().nullable(),
  }),
  phase: z.enum(uploadPhases).nullable(),
  error: z.object({ code: z.string(), message: z.string(), line: z.number().int().nullable() }).nullable(),
  created_at: z.iso.datetime({ offset: true }),
  finished_at: z.iso.datetime({ offset: true }).nullable(),
});
export type UploadOutput = z.infer<typeof uploadOutput>;

/** Answer to POST /uploads: 202, or 200 with `duplicate` when the same file with the same request is there already. */
export const uploadReceipt = uploadOutput.extend({ duplicate: z.boolean() });
export type UploadReceipt = z.infer<typeof uploadReceipt>;

export const uploadsInput = z.object(pageInput);
export const uploadsOutput = pageOf(uploadOutput);
export const uploadIdInput = z.strictObject({ id: z.uuid() });
export const uploadErrorsInput = z.object({ id: z.uuid(), ...pageInput });
export const importInput = uploadRequest.extend({ id: z.uuid() });

export const previewOutput = z.object({
  header: z.array(z.string()),
  /** The first 200 rows, raw; a short row stays short. */
  rows: z.array(z.array(z.string())),
});

export const uploadErrorItem = z.object({
  line: z.number().int(),
  column: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  value: z.string().nullable(),
});
export type UploadErrorItem = z.infer<typeof uploadErrorItem>;
export const uploadErrorsOutput = pageOf(uploadErrorItem);

/** `line,column,code,message,value`: the header of the downloadable list of rejected rows. */
export const uploadErrorsCsvHeader = ["line", "column", "code", "message", "value"] as const;
