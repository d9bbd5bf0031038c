import { expect, test } from "vitest";
import { nextSort, parseListChoice, printListChoice, sortDirection } from "./customer-list.ts";

const parse = (search: string) => parseListChoice(new URLSearchParams(search));

test("the list is in the address, biggest customers first by default", () => {
  expect(parse("")).toEqual({ search: "", sort: "-mrr", cursor: null });
  expect(parse("search=+acme+&sort=name&after=abc")).toEqual({ search: "acme", sort: "name", cursor: "abc" });
  expect(parse("sort=size").sort).toBe("-mrr");
});

test("a new order or search begins with the first page", () => {
  expect(printListChoice(parse("search=acme&sort=name&after=abc"))).toEqual({ search: "acme", sort: "name" });
  expect(printListChoice(parse("after=abc"))).toEqual({});
});

test("a column's head sorts by it, then the other way round", () => {
  expect(nextSort("-mrr", "name")).toBe("name");
  expect(nextSort("name", "name")).toBe("-name");
  expect(nextSort("-name", "name")).toBe("name");
  expect(nextSort("-mrr", "-mrr")).toBe("mrr");
  expect(sortDirection("-mrr", "-mrr")).toBe("descending");
  expect(sortDirection("mrr", "-mrr")).toBe("ascending");
  expect(sortDirection("mrr", "name")).toBeNull();
});
