import { expect, test } from "vitest";
import { pastedFile } from "./pasted-file.ts";

test("rows copied from a spreadsheet become a tab-separated file, unchanged", async () => {
  const file = pastedFile("customer_id\tmrr\na\t100\n");
  expect(file?.name).toBe("Pasted rows.tsv");
  expect(await file?.text()).toBe("customer_id\tmrr\na\t100\n");
});

test("a sentence or a single line is no table", () => {
  expect(pastedFile("Hello, world")).toBeNull();
  expect(pastedFile("one line\nand another")).toBeNull();
});
