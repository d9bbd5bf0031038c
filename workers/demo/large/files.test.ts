import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type LargeDemoFile, largeDemoFiles } from "./files.ts";

const today = "2026-11-22";
const files = largeDemoFiles({ today, customers: 2_000 });
const textOf = (file: LargeDemoFile) => [...file.pieces()].join("");
const rowsOf = (kind: LargeDemoFile["kind"], of = files) =>
  textOf(of.find((file) => file.kind === kind)!)
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
const customers = rowsOf("customers");
const versions = rowsOf("subscriptions");
const distinct = (rows: string[][], column: number) => new Set(rows.map((row) => row[column])).size;
const share = (count: number, of: number) => count / of;

const bySubscription = Map.groupBy(versions, (row) => row[1]!);
const byCustomer = Map.groupBy(versions, (row) => row[0]!);

describe("the large demo", () => {
  test("is the same, byte for byte, whenever it is made, and another for another size", () => {
    const digest = (customers: number) =>
      largeDemoFiles({ today, customers }).map((file) =>
        createHash("sha256").update(textOf(file)).digest("hex"),
      );
    expect(digest(2_000)).toEqual(digest(2_000));
    expect(digest(2_000)).not.toEqual(digest(1_999));
  });

  test("comes in pieces, the first of a million customers as soon as that of ten", () => {
    const made: number[] = [];
    const file = largeDemoFiles({ today, customers: 1_000_000 }).find(
      ({ kind }) => kind === "subscriptions",
    )!;
    const pieces = file.pieces((done) => made.push(done));
    const first = [pieces.next().value, pieces.next().value, pieces.next().value];
    pieces.return(undefined);
    for (const piece of first) expect(piece?.length).toBeLessThan(300_000);
    expect(made.at(-1)).toBeLessThan(20_000);
  });

  test("has as many customers as asked for, each with an id of its own, over 36 months up to today", () => {
    for (const count of [1, 37, 2_000])
      expect(rowsOf("customers", largeDemoFiles({ today, customers: count }))).toHaveLength(count);
    expect(distinct(customers, 0)).toBe(2_000);
    expect(distinct(customers, 2)).toBe(2_000);
    const days = customers.map((row) => row[4]!).sort();
    expect(days[0]!.slice(0, 7)).toBe("2023-12");
    expect(days.at(-1)!.slice(0, 7)).toBe("2026-11");
    expect(days.at(-1)! <= today).toBe(true);
    expect(versions.every((row) => row[8]! <= today)).toBe(true);
  });

  test("sells five plans in three currencies, by the month and the year, to more than 25 countries", () => {
    expect(distinct(versions, 2)).toBe(5);
    expect(distinct(versions, 4)).toBe(3);
    expect(distinct(versions, 5)).toBe(2);
    expect(distinct(customers, 3)).toBeGreaterThanOrEqual(25);
    const american = customers.filter((row) => row[3] === "US").length;
    expect(share(american, customers.length)).toBeGreaterThan(0.35);
  });

  test("has attributes of few values and one of many", () => {
    const columns = [5, 6, 7, 8].map((column) => distinct(customers, column));
    expect(columns).toEqual([12, 5, 6, 4]);
    expect(distinct(customers, 9)).toBeGreaterThan(90);
    const many = rowsOf("customers", largeDemoFiles({ today, customers: 60_000 }));
    expect(distinct(many, 9)).toBe(2_000);
  });

  test("lives: growth, shrinking, leaving, coming back, trials, and a third that ever changes the plan", () => {
    const steps = [...bySubscription.values()].flatMap((rows) =>
      rows.slice(1).map((row, index) => Number(row[6]) - Number(rows[index]![6])),
    );
    expect(share(steps.filter((step) => step > 0).length, steps.length)).toBeGreaterThan(0.5);
    expect(share(steps.filter((step) => step < 0).length, steps.length)).toBeGreaterThan(0.2);
    const left = [...bySubscription.values()].filter((rows) => rows.at(-1)![9] !== "");
    expect(share(left.length, bySubscription.size)).toBeGreaterThan(0.2);
    expect(versions.filter((row) => row[1]!.endsWith("-2")).length).toBeGreaterThan(20);
    expect(versions.filter((row) => row[10] !== "").length).toBeGreaterThan(60);
    const changed = [...byCustomer.values()].filter((rows) => distinct(rows, 2) > 1);
    expect(share(changed.length, byCustomer.size)).toBeGreaterThan(0.22);
    expect(share(changed.length, byCustomer.size)).toBeLessThan(0.38);
  });

  test("never has two versions of a subscription on one day, nor one after it ended", () => {
    for (const rows of bySubscription.values()) {
      const starts = rows.map((row) => row[8]!);
      expect([...new Set(starts)].sort()).toEqual(starts);
      expect(rows.slice(0, -1).every((row) => row[9] === "")).toBe(true);
      const end = rows.at(-1)![9];
      if (end) expect(end > starts.at(-1)!).toBe(true);
    }
  });

  test("rests in summer", () => {
    const signups = (month: string) => customers.filter((row) => row[4]!.slice(5, 7) === month).length;
    expect(signups("08")).toBeLessThan(signups("01") * 0.8);
  });
});
