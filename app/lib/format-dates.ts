/** Lives in charts/, where PDFs and mails (which may not import app/) write dates the same way. */
export * from "#charts/format-dates.ts";
