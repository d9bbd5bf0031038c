import { expect, test } from "vitest";
import { columnsOf, uploadKinds } from "#contracts/upload-kinds.ts";
import { exampleCsv } from "./examples.ts";

test.each(uploadKinds)("the example of %s has every needed column under its own name", (kind) => {
  const [header = "", ...rows] = exampleCsv(kind).trimEnd().split("\r\n");
  const names = header.split(",");
  for (const column of columnsOf(kind).filter(({ required }) => required))
    expect(names).toContain(column.name);
  for (const row of rows) expect(row.split(",")).toHaveLength(names.length);
});
