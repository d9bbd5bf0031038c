import { describe, expect, test } from "vitest";
import { createDemoFiles } from "./files.ts";

const files = createDemoFiles({ today: "2026-11-22", customers: 640 });
const rowsOf = (kind: string) =>
  files
    .find((file) => file.kind === kind)!
    .text.trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
const customers = rowsOf("customers");
const versions = rowsOf("subscriptions");

describe("the demo company", () => {
  test("is the same, byte for byte, whenever it is made", () => {
    expect(createDemoFiles({ today: "2026-11-22", customers: 640 })).toEqual(files);
  });

  test("has as many customers as asked for, each with a name and an id of its own", () => {
    for (const count of [10, 640, 5_000]) {
      const made = createDemoFiles({ today: "2026-11-01", customers: count })
        .find((file) => file.kind === "customers")!
        .text.trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(","));
      expect(made).toHaveLength(count);
      expect(new Set(made.map(([id]) => id)).size).toBe(count);
      expect(new Set(made.map(([, name]) => name)).size).toBe(count);
    }
  });

  test("spans 36 months up to today, and nobody signs up tomorrow", () => {
    const days = customers.map((row) => row[4]!).sort();
    expect(days[0]!.slice(0, 7)).toBe("2023-12");
    expect(days.at(-1)!.slice(0, 7)).toBe("2026-11");
    expect(days.at(-1)! <= "2026-11-22").toBe(true);
    expect(rowsOf("spend")[0]![0]).toBe("2023-12");
    expect(rowsOf("fx_rates")).toHaveLength(72);
  });

  test("sells several plans in three currencies to more than a dozen countries, by the month and by the year", () => {
    const distinct = (rows: string[][], column: number) => new Set(rows.map((row) => row[column])).size;
    expect(distinct(customers, 3)).toBeGreaterThanOrEqual(12);
    expect(distinct(versions, 2)).toBe(4);
    expect(distinct(versions, 4)).toBe(3);
    expect(distinct(versions, 5)).toBe(2);
  });

  test("knows trials, discounts, growth, shrinking, leaving and coming back", () => {
    expect(versions.filter((row) => row[10])).not.toHaveLength(0);
    expect(versions.filter((row) => row[7])).not.toHaveLength(0);
    expect(versions.filter((row) => row[9])).not.toHaveLength(0);
    expect(versions.filter((row) => row[1]!.endsWith("-2"))).not.toHaveLength(0);
    const steps = versions
      .slice(1)
      .map((row, index) => [versions[index]!, row] as const)
      .filter(([before, after]) => before[1] === after[1])
      .map(([before, after]) => Number(after[6]) - Number(before[6]));
    expect(steps.some((step) => step > 0)).toBe(true);
    expect(steps.some((step) => step < 0)).toBe(true);
  });

  test("has some who take a break, and a few who still do", () => {
    const paused = versions.flatMap((row, index) =>
      row[11] === "paused" ? [[row, versions[index + 1]]] : [],
    );
    expect(paused.length).toBeGreaterThan(10);
    const over = paused.filter(([row, next]) => next?.[1] === row?.[1]);
    expect(over.length).toBeGreaterThan(0);
    expect(over.length).toBeLessThan(paused.length);
    for (const [row, next] of over) expect(next![8]! > row![8]!).toBe(true);
  });

  test("rests in summer", () => {
    const signups = (month: string) => customers.filter((row) => row[4]!.slice(5, 7) === month).length;
    expect(signups("08")).toBeLessThan(signups("01") * 0.75);
  });
});
