import { expect, test, vi } from "vitest";
import type { CommentMark } from "#contracts/comments.ts";
import { CommentStore } from "./comment-store.ts";

const mark = (comments: number) =>
  ({ id: "a", kind: "widget", widget_id: "w", path: {}, comments, unread: false }) as unknown as CommentMark;

test("who shows marks is told when they are others, not of every answer that says the same", () => {
  const store = new CommentStore("d", [mark(1)]);
  const told = vi.fn();
  store.subscribe(told);
  const { marks } = store;
  store.setMarks([mark(1)]);
  expect(told).not.toHaveBeenCalled();
  expect(store.getMarks()).toBe(marks);
  store.setMarks([mark(2)]);
  expect(told).toHaveBeenCalledTimes(1);
  expect([...store.getMarks().values()].flat()).toEqual([mark(2)]);
});
