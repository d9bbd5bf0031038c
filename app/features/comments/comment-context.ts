import { createContext, useContext, useSyncExternalStore } from "react";
import type { CommentMark } from "#contracts/comments.ts";
import { type CommentState, type CommentStore, closed, type MarkMap } from "./comment-store.ts";

export const CommentsContext = createContext<CommentStore | null>(null);
/** The card that something stands in; null on a page without one, such as that of the cohorts. */
export const CommentWidget = createContext<string | null>(null);

/** The threads of the page; null where a page has none. */
export const useComments = (): CommentStore | null => useContext(CommentsContext);

const none: MarkMap = new Map();
const never = () => () => {};
const noMarks = () => none;

/** Threads by what they are about: `anchorKey`. */
export function useMarks(): MarkMap {
  const store = useComments();
  return useSyncExternalStore(
    store?.subscribe ?? never,
    store?.getMarks ?? noMarks,
    store?.getFirst ?? noMarks,
  );
}

const isClosed = () => closed;

export function useCommentState(store: CommentStore): CommentState {
  return useSyncExternalStore(store.subscribe, store.getState, isClosed);
}

/** All open threads of a card, whatever in it they are about. */
export const marksOfWidget = (marks: MarkMap, widgetId: string): CommentMark[] =>
  marks.size === 0 ? [] : [...marks.values()].flat().filter((mark) => mark.widget_id === widgetId);
