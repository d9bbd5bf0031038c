import type { CommentStore, Opened } from "./comment-store.ts";
import { NewThread } from "./new-thread.tsx";
import { OpenThread } from "./open-thread.tsx";
import { ThreadList } from "./thread-list.tsx";

/** What is open of the page's threads. Loaded when the first is. */
export default function CommentPanel({ store, opened }: { store: CommentStore; opened: Opened }) {
  switch (opened.kind) {
    case "list":
      return <ThreadList key={`${opened.widgetId} ${opened.key}`} store={store} opened={opened} />;
    case "thread":
      return <OpenThread key={opened.id} store={store} id={opened.id} />;
    case "new":
      return <NewThread store={store} anchor={opened.anchor} />;
  }
}
