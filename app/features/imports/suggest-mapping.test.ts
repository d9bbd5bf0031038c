import { expect, test } from "vitest";
import { mappingGaps, suggestMapping } from "./suggest-mapping.ts";

test("columns are recognised by name and by the other names they go by", () => {
  expect(suggestMapping("subscriptions", ["Client ID", "Price", "Start date", "Segment"])).toEqual({
    "Client ID": "customer_id",
    Price: "amount",
    "Start date": "started_at",
    Segment: "attr.Segment",
  });
});

test("a column's own name wins over a synonym that stands earlier", () => {
  expect(suggestMapping("subscriptions", ["account", "customer_id"])).toEqual({
    account: "attr.account",
    customer_id: "customer_id",
  });
});

test("month columns of a wide file are amounts of their month", () => {
  const mapping = suggestMapping("mrr_by_month", ["customer", "2025-01", "Feb 2025", "region"]);
  expect(mapping).toEqual({
    customer: "customer_id",
    "2025-01": "mrr",
    "Feb 2025": "mrr",
    region: "attr.region",
  });
  expect(mappingGaps("mrr_by_month", mapping)).toEqual({ missing: [], twice: [] });
});

test("kinds without customers leave unknown columns out", () => {
  expect(suggestMapping("spend", ["month", "amount", "note"])).toMatchObject({ note: null });
});

test("what is missing or given twice is named", () => {
  expect(mappingGaps("subscriptions", { a: "customer_id", b: "amount", c: "amount" })).toEqual({
    missing: ["started_at"],
    twice: ["amount"],
  });
});
