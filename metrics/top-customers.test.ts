import { expect, it } from "vitest";
import { handLedger } from "./testing.ts";
import { topCustomers } from "./top-customers.ts";

it("top customers come by MRR with share, cumulative share, change and tenure", () => {
  const ledger = handLedger([
    { customer: "small", day: "2025-01-15", kind: "new", mrr: 20 },
    { customer: "big", day: "2025-06-30", kind: "new", mrr: 40 },
    { customer: "big", day: "2026-01-15", kind: "expansion", mrr: 20 },
    { customer: "fresh", day: "2026-02-01", kind: "new", mrr: 20 },
    { customer: "gone", day: "2025-01-01", kind: "new", mrr: 10 },
    { customer: "gone", day: "2025-02-01", kind: "churn", mrr: 10 },
    { customer: "later", day: "2026-03-01", kind: "new", mrr: 10 },
  ]);
  const rows = topCustomers(ledger, "2026-02-28");
  expect(rows.map((row) => [row.customerId, row.mrr, row.share, row.cumulativeShare])).toEqual([
    ["big", "60", 0.6, 0.6],
    ["fresh", "20", 0.2, 0.8],
    ["small", "20", 0.2, 1],
    ["gone", "0", 0, 1],
  ]);
  expect(rows.map((row) => [row.change90d, row.tenureMonths])).toEqual([
    [0.5, 7],
    [null, 0],
    [0, 13],
    [null, 13],
  ]);
  expect(topCustomers(ledger, "2026-02-28", 1)).toHaveLength(1);
});
