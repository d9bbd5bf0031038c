import { expect, test } from "vitest";
import { fittingPeople, mentionAt } from "./mention-search.ts";

const typedAt = (text: string) => mentionAt(text, text.length)?.typed ?? null;

test("a mention is being typed after an at sign that begins a word, up to a first and a last name", () => {
  expect(typedAt("see @")).toBe("");
  expect(typedAt("see @ad")).toBe("ad");
  expect(typedAt("(@Ada Mil")).toBe("Ada Mil");
  expect(typedAt("@ada@x.exa")).toBe("ada@x.exa");
  expect(typedAt("@Ada Miller is")).toBe(null);
  expect(typedAt("ada@x")).toBe(null);
  expect(typedAt("see @ada,")).toBe(null);
  expect(mentionAt("hi @ad there", 6)).toEqual({ start: 3, typed: "ad" });
});

test("people fit by the beginning of name or address, then by a later word of the name", () => {
  const people = [
    { email: "z@x.example", name: "Mia Ada" },
    { email: "ada@x.example", name: "" },
    { email: "y@x.example", name: "Ada Miller" },
  ];
  expect(fittingPeople(people, "ada").map(({ email }) => email)).toEqual([
    "ada@x.example",
    "y@x.example",
    "z@x.example",
  ]);
  expect(fittingPeople(people, "ada m").map(({ email }) => email)).toEqual(["y@x.example"]);
  expect(fittingPeople(people, "nobody")).toEqual([]);
  expect(fittingPeople(people, "")).toHaveLength(3);
});
