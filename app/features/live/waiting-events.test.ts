import { expect, test } from "vitest";
import type { FeedEvent } from "#contracts/feed.ts";
import { createWaitingEvents } from "./waiting-events.ts";

const upload: FeedEvent = { topic: "uploads", keys: { id: "a" } };
const metrics: FeedEvent = { topic: "metrics", keys: {} };
const of = (topic: FeedEvent["topic"]) => (event: FeedEvent) => event.topic === topic;

test("an event that came while the reader was on the way to the page it concerns is not lost", () => {
  const waiting = createWaitingEvents(() => 0);
  waiting.add([upload, metrics]);
  expect(waiting.take(of("metrics"))).toEqual([metrics]);
  waiting.moved();
  expect(waiting.take(of("uploads"))).toEqual([upload]);
  waiting.moved();
  expect(waiting.take(of("uploads"))).toEqual([]);
});

test("what the page before was told is not told again, nor what was so long ago that the page's data has it", () => {
  let now = 0;
  const waiting = createWaitingEvents(() => now);
  waiting.add([upload]);
  expect(waiting.take(of("uploads"))).toEqual([upload]);
  waiting.add([upload]);
  expect(waiting.take(of("metrics"))).toEqual([]);
  now = 6_000;
  waiting.moved();
  expect(waiting.take(of("uploads"))).toEqual([]);
});

test("more than can be told are said to be so, once", () => {
  const waiting = createWaitingEvents(() => 0);
  waiting.add(Array.from({ length: 501 }, () => upload));
  waiting.add([metrics]);
  expect(waiting.take(of("metrics"))).toBeNull();
  expect(waiting.take(of("metrics"))).toEqual([]);
});
