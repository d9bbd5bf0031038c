import { expect, test } from "vitest";
import { filterKeyName, filterValueName } from "./filter-words.ts";

test("bands are said in words, other values by themselves", () => {
  expect(filterValueName("size", "0-50")).toBe("Under 50 MRR");
  expect(filterValueName("size", "1000-2500")).toBe("1,000 to 2,500 MRR");
  expect(filterValueName("size", "50000+")).toBe("At least 50,000 MRR");
  expect(filterValueName("tenure", "3-6")).toBe("3 to 6 months");
  expect(filterValueName("tenure", "24+")).toBe("At least 24 months");
  expect(filterValueName("size", "")).toBe("Pays nothing");
  expect(filterValueName("size", "no band")).toBe("no band");
  expect(filterValueName("plan", "Gold")).toBe("Gold");
  expect([filterKeyName("tenure"), filterKeyName("attr.Team")]).toEqual(["Tenure", "Team"]);
});
