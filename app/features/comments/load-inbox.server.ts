import type { LoaderFunctionArgs } from "@remix-run/node";
import { isThread } from "./thread-row.tsx";

/** What of all threads the inbox shows. */
export const inboxViews = ["mine", "all", "resolved"] as const;
export type InboxView = (typeof inboxViews)[number];

const pageLength = 50;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Threads, and the one that is open (`?thread=`), which may be gone by now. What the address cannot mean counts as not given. */
export async function loadInbox({ request, context }: LoaderFunctionArgs) {
  const { comments } = context.trpc;
  const search = new URL(request.url).searchParams;
  const view = inboxViews.find((name) => name === search.get("view")) ?? "mine";
  const idIn = (name: string) => {
    const value = search.get(name) ?? "";
    return uuid.test(value) ? value : null;
  };
  const [threadId, dashboard, cursor] = [idIn("thread"), idIn("dashboard"), search.get("after")];
  const [list, open] = await Promise.all([
    comments.list({
      limit: pageLength,
      state: view === "resolved" ? "resolved" : "open",
      ...(view === "mine" ? { following: true, state: "all" as const } : {}),
      ...(dashboard ? { dashboard_id: dashboard } : {}),
      ...(cursor ? { cursor } : {}),
    }),
    threadId === null ? null : findThread(comments, threadId),
  ]);
  return {
    view,
    dashboard,
    threads: list.items.filter(isThread),
    older: list.next,
    threadId,
    open,
    now: Date.now(),
  };
}

type Comments = LoaderFunctionArgs["context"]["trpc"]["comments"];

/** Long threads begin with their first hundred comments; the page fetches the rest. */
async function findThread(comments: Comments, threadId: string) {
  try {
    const { items, next } = await comments.list({ thread_id: threadId });
    const head = items.find(isThread);
    return head ? { head, comments: items, next } : null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
export type InboxData = Awaited<ReturnType<typeof loadInbox>>;
