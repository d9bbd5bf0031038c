import type { AnchorInput } from "#contracts/comments.ts";
import type { SeenAnchor } from "./comment-store.ts";

/** What can be done in a thread: the page does it by script, a form without. */
export type CommentAction =
  | { intent: "create"; anchor: SeenAnchor; text: string }
  | { intent: "reply"; parentId: string; text: string }
  | { intent: "edit"; id: string; text: string }
  | { intent: "delete"; id: string }
  | { intent: "resolve" | "reopen"; id: string };

/** Does it. @returns the thread it was done in @throws what the server refused, as words for the reader */
export async function runCommentAction(action: CommentAction): Promise<{ threadId: string }> {
  const { trpc } = await import("../../lib/trpc.ts");
  const { comments } = trpc;
  switch (action.intent) {
    case "create": {
      const { place, label, shown } = action.anchor;
      // the union of kinds is the same on both sides
      const anchor = { ...place, label: label?.slice(0, 200) ?? null, shown } as AnchorInput;
      const made = await comments.create.mutate({ text: action.text, anchor });
      return { threadId: made.thread_id };
    }
    case "reply":
      return {
        threadId: (await comments.create.mutate({ text: action.text, parent_id: action.parentId })).thread_id,
      };
    case "edit":
      return { threadId: (await comments.update.mutate({ id: action.id, text: action.text })).thread_id };
    case "delete":
      await comments.delete.mutate({ id: action.id });
      return { threadId: action.id };
    case "resolve":
    case "reopen":
      return {
        threadId: (await comments.update.mutate({ id: action.id, resolved: action.intent === "resolve" }))
          .thread_id,
      };
  }
}

/** Why it did not work, for the reader. */
export const refusalText = (error: unknown): string =>
  error instanceof Error && error.name === "TRPCClientError" && "data" in error && error.data
    ? error.message
    : "This did not reach the server. Your text is kept here: try again in a moment.";
