/** Lives in charts/, where PDFs and mails (which may not import app/) write numbers the same way. */
export * from "#charts/format.ts";
