import { expect, test } from "vitest";
import { importRequestOf } from "./import-request.ts";
import { readAs } from "./question-fields.tsx";

const formOf = (fields: Record<string, string>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};

test("a mapping form becomes kind, mapping and the options that were touched", () => {
  const request = importRequestOf(
    formOf({
      intent: "import",
      kind: "subscriptions",
      "map:Client": "customer_id",
      "map:Note": "",
      "option:date_format": "dmy",
      "option:delimiter": "",
      "option:skip_leading_lines": "2",
    }),
    ["Client", "Note"],
  );
  expect(request).toEqual({
    kind: "subscriptions",
    mapping: { Client: "customer_id", Note: null },
    options: { date_format: "dmy", skip_leading_lines: 2 },
  });
});

test("columns that the file does not have are not mapped, whatever a form claims", () => {
  const request = importRequestOf(formOf({ kind: "spend", "map:__proto__": "month", "map:a": "month" }), [
    "a",
  ]);
  expect(Object.keys(request.mapping ?? {})).toEqual(["a"]);
});

test("an example date is shown as each order would read it", () => {
  expect(readAs("03/04/2024", "dmy")).toBe("3 Apr 2024");
  expect(readAs("03/04/2024", "mdy")).toBe("4 Mar 2024");
  expect(readAs("13/14/24", "mdy")).toBeNull();
});
