import { expect, test } from "vitest";
import { restatementReason, restatementSentence } from "./restatement-words.ts";

const upload = { id: "u", file_name: "march.csv", kind: "subscriptions", status: "done" };
const because = (cause: string) => restatementReason({ cause, upload: null, rows: null });

test("every cause that is written has its words; an unknown one reads as it is stored", () => {
  expect(restatementReason({ cause: "upload", upload, rows: 3 })).toBe(
    "the import of “march.csv” changed 3 rows",
  );
  expect(restatementReason({ cause: "upload", upload: null, rows: null })).toBe(
    "the import of a file changed rows",
  );
  expect(restatementReason({ cause: "undo", upload, rows: 1 })).toBe(
    "the import of “march.csv” was undone (1 row)",
  );
  expect(because("merge")).toBe("customers were merged");
  expect(because("currency USD → EUR, time zone UTC → Asia/Tokyo, policy version 4")).toBe(
    "the currency changed from USD to EUR and the time zone changed from UTC to Asia/Tokyo and the metric policy changed (version 4)",
  );
  expect(because("stripe_sync")).toBe("stripe sync");
});

test("the sentence says what moved, by how much and why", () => {
  const month = { month: "2026-03", before_mrr: "500", after_mrr: "80", change: "-420" };
  const event = { cause: "upload", upload, rows: 3, currency: "USD", total: "-420" };
  expect(restatementSentence({ ...event, months: [month] })).toBe(
    "March 2026 moved by −$420 because the import of “march.csv” changed 3 rows.",
  );
  expect(
    restatementSentence({ ...event, months: [{ ...month, month: "2025-12", change: "10" }, month] }),
  ).toBe(
    "2 months from December 2025 to March 2026 moved, the last by −$420, because the import of “march.csv” changed 3 rows.",
  );
});
