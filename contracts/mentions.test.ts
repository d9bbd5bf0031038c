import { expect, test } from "vitest";
import { findMentions, mentionText } from "./mentions.ts";

const people = [
  { email: "ada@x.example", name: "Ada" },
  { email: "miller@x.example", name: "Ada Miller" },
  { email: "sam@x.example", name: "Sam Lee" },
  { email: "sam.lee@x.example", name: "Sam Lee" },
  { email: "none@x.example", name: "" },
  { email: "zoë@x.example", name: "Zoë Ö'Neil" },
];
const named = (text: string) => findMentions(text, people).map(({ person }) => person.email);

test("people are named by address or by their whole name, whatever the case", () => {
  expect(named("@ada@x.example and @ADA MILLER: see @Zoë Ö'Neil.")).toEqual([
    "ada@x.example",
    "miller@x.example",
    "zoë@x.example",
  ]);
  expect(named("(@ada)")).toEqual(["ada@x.example"]);
});

test("the longest name wins, and a name ends where the word does", () => {
  expect(named("@Ada Miller")).toEqual(["miller@x.example"]);
  expect(named("@Ada Millers")).toEqual(["ada@x.example"]);
  expect(named("@Adamant")).toEqual([]);
});

test("a name that two have names nobody; their addresses do", () => {
  expect(named("@Sam Lee")).toEqual([]);
  expect(named("@sam.lee@x.example")).toEqual(["sam.lee@x.example"]);
  expect(people.map((person) => mentionText(person, people))).toEqual([
    "@Ada",
    "@Ada Miller",
    "@sam@x.example",
    "@sam.lee@x.example",
    "@none@x.example",
    "@Zoë Ö'Neil",
  ]);
});

test("an address in running text, or a longer one, names nobody", () => {
  expect(named("write to bob@ada or x@ada@x.example")).toEqual([]);
  expect(named("@ada@x.example.org")).toEqual([]);
  expect(named("@none@x.example.")).toEqual(["none@x.example"]);
  expect(named("@@@@ @ ada")).toEqual([]);
});

test("says where, so that the page can mark it", () => {
  const text = "hi @Ada Miller!";
  const [{ start, end } = { start: 0, end: 0 }] = findMentions(text, people);
  expect(text.slice(start, end)).toBe("@Ada Miller");
});

test("ten thousand at signs are looked through at once", () => {
  const crowd = Array.from({ length: 1_000 }, (_, i) => ({ email: `p${i}@x.example`, name: `Person ${i}` }));
  expect(findMentions("@".repeat(10_000), crowd)).toEqual([]);
});
