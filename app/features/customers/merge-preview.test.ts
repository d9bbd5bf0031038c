import { expect, test } from "vitest";
import { previewMerge } from "./merge-preview.ts";

const side = (mrr: string | null, first_paid: string | null) => ({
  customer_id: "c",
  name: null,
  mrr,
  first_paid,
});

test("two customers together pay the exact sum, and are in the earlier one’s cohort", () => {
  expect(previewMerge(side("166.666666666667", "2025-03-01"), side("0.333333333333", "2024-12-31"))).toEqual({
    mrr: "167",
    firstPaid: "2024-12-31",
  });
});

test("who never paid brings no cohort, and an amount without an exchange rate leaves the sum unknown", () => {
  expect(previewMerge(side("10", null), side(null, "2025-01-01"))).toEqual({
    mrr: null,
    firstPaid: "2025-01-01",
  });
  expect(previewMerge(side("0", null), side("0", null))).toEqual({ mrr: "0", firstPaid: null });
});
