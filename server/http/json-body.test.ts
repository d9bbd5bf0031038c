import { describe, expect, test } from "vitest";
import { requireHarmlessJson } from "./json-body.ts";

describe("a JSON text, before it is used", () => {
  test("passes when it is ordinary, brackets and quotes in strings included", () => {
    requireHarmlessJson(JSON.stringify({ a: [1, { b: '[[[[{{{{\\"' }], name: "about __proto__ in a value" }));
  });

  test.each(["[", '{"a":'])("is refused when 100,000 levels deep (%s)", (opening) => {
    expect(() => requireHarmlessJson(opening.repeat(100_000))).toThrow(/deeper/);
  });

  test.each([
    '{"__proto__":{"x":1}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":{"x":1}}',
    '{"json":{},"meta":{"values":{"a.__proto__.x":["Date"]}}}',
  ])("is refused when a key reaches a prototype: %s", (text) => {
    expect(() => requireHarmlessJson(text)).toThrow(/not allowed/);
  });
});
