import { describe, expect, test } from "vitest";
import { toCsv } from "#contracts/csv-export.ts";
import { type WidgetType, widgetTypes } from "#contracts/widgets.ts";
import { sampleViews } from "./sample-views.ts";
import { widgetTable } from "./widget-table.ts";

const csv = <Type extends WidgetType>(type: Type): string[] => {
  const { columns, rows } = widgetTable(type, sampleViews[type]);
  return toCsv(columns, rows).split("\r\n");
};

test.each(widgetTypes)("every row of a %s has a cell per column", (type) => {
  const { columns, rows } = widgetTable(type, sampleViews[type]);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toHaveLength(columns.length);
});

describe("the CSV of a widget", () => {
  test("holds the exact values, signed as movements are", () => {
    expect(csv("movements")[0]).toBe(
      "month,new_mrr USD,expansion_mrr USD,reactivation_mrr USD,contraction_mrr USD,churned_mrr USD,fx_mrr USD,net_new_mrr USD,complete",
    );
    expect(csv("movements")[1]).toBe("2025-11,8050,4220,380,-1460,-2380,0,8810,true");
    expect(csv("movements").at(-2)).toContain("2026-11,7190");
    expect(csv("movements").at(-2)).toMatch(/,false$/);
  });

  test("holds nothing that a spreadsheet would run", () => {
    const line = csv("top_customers").find((row) => row.includes("Volt Freight"));
    expect(line).toMatch(/^cus_9,'=Volt Freight,22320,/);
  });

  test("has a column per segment that is compared, and what was noted", () => {
    const { columns, rows } = widgetTable("series", {
      ...sampleViews.series,
      segments: [
        { id: "page", name: "Everyone", color: null },
        { id: "s", name: "Young", color: null },
      ],
      lines: sampleViews.series.lines.slice(0, 1).map((line) => ({ ...line, others: [line.points] })),
      annotations: [{ id: "n", day: "2026-01-09", period: "2026-01", title: "=Price rise", text: null }],
    });
    expect(columns).toEqual(["month", "mrr USD, Everyone", "mrr USD, Young", "complete", "annotations"]);
    for (const row of rows) expect(row).toHaveLength(columns.length);
    expect(toCsv(columns, rows)).toMatch(/2026-01,(\d+),\1,true,'=Price rise/);
  });

  test("names what has no value", () => {
    expect(csv("composition").at(-2)).toBe("Not set,27860,0.02001,91");
  });

  test("leaves unobserved cells empty and gives rate and value of the others", () => {
    const [head, , ...rest] = csv("cohort_heatmap");
    expect(head).toMatch(/^cohort,size,initial_mrr USD,month 0 rate,month 0 customers,month 1 rate/);
    expect(rest.find((row) => row.startsWith("2026-11"))).toMatch(/^2026-11,40,4000,1,40,,,/);
    expect(rest.some((row) => row.startsWith("average (customers),,,1,,"))).toBe(true);
  });
});
