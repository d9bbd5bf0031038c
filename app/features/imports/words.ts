import { kindLabels, type UploadKind } from "#contracts/upload-kinds.ts";
import type { Encoding, UploadPhase, UploadStatus } from "#contracts/uploads.ts";
import type { Tone } from "../../components/badge.tsx";

/** What each kind is for, in one line. */
export const kindHelp = {
  subscriptions: "One row per subscription: who pays what, from when to when. The fullest picture.",
  mrr_by_month: "One amount per customer and month, as rows or as one column per month.",
  customers: "Names, countries, sign-up dates and any attribute to filter by.",
  transactions: "Single payments or events, for usage and for cohorts by first activity.",
  spend: "What sales and marketing cost per month, for CAC and payback.",
  fx_rates: "Daily rates, for amounts in other currencies than the organisation's.",
} as const satisfies Record<UploadKind, string>;

export const statusWords = {
  queued: { label: "Waiting", tone: "accent" },
  parsing: { label: "Reading", tone: "accent" },
  needs_mapping: { label: "Needs your answer", tone: "warning" },
  importing: { label: "Importing", tone: "accent" },
  done: { label: "Imported", tone: "positive" },
  failed: { label: "Failed", tone: "negative" },
  cancelled: { label: "Cancelled", tone: "neutral" },
  undone: { label: "Undone", tone: "neutral" },
  previewed: { label: "Tried out", tone: "neutral" },
} as const satisfies Record<UploadStatus, { label: string; tone: Tone }>;

export const phaseWords = {
  reading: "Reading the file",
  checking: "Checking every row",
  customers: "Matching customers",
  facts: "Writing subscriptions and amounts",
  metrics: "Computing the metrics",
  undoing: "Taking the import back",
} as const satisfies Record<UploadPhase, string>;

/** The phases of an import in their order; undoing is a road of its own. */
export const importPhases = ["reading", "checking", "customers", "facts", "metrics"] as const;

export const delimiterWords: Record<string, string> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
};

export const encodingWords = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16",
  "utf-16be": "UTF-16 (big-endian)",
  "windows-1252": "Windows-1252 (Western European)",
} as const satisfies Record<Encoding, string>;

/** A kind in the middle of a sentence: its first letter small, unless it is an abbreviation. */
export const kindInSentence = (kind: UploadKind): string =>
  kindLabels[kind].replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
