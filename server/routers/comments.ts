import { anchorTitle } from "#charts/comment-words.ts";
import { done, idInput } from "#contracts/accounts.ts";
import { placeOf } from "#contracts/comment-anchors.ts";
import {
  type AnchorInput,
  type Comment,
  comment,
  commentMarksInput,
  commentMarksOutput,
  commentsOutput,
  createCommentInput,
  inboxCountOutput,
  listCommentsInput,
  readCommentsInput,
  updateCommentInput,
} from "#contracts/comments.ts";
import { can, type Role } from "#contracts/permissions.ts";
import { recordAudit } from "#db/queries/audit.ts";
import {
  countInbox,
  getShownComment,
  listMarks,
  listThread,
  listThreads,
  type ShownComment,
} from "#db/queries/comment-lists.ts";
import { putMentions } from "#db/queries/comment-mentions.ts";
import {
  announceThread,
  createReply,
  createThread,
  deleteComment,
  editComment,
  getComment,
  markRead,
  setResolved,
} from "#db/queries/comments.ts";
import { recordEvent } from "#db/queries/events.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Comments"];

interface Reader {
  principal: { userId: string };
  org: { role: Role };
}

/** Authors change what they wrote; who manages members may take it away. */
const mayEdit = (ctx: Reader, authorId: string | null) =>
  can(ctx.org.role, "comment.write") && authorId === ctx.principal.userId;
const mayDelete = (ctx: Reader, authorId: string | null) =>
  mayEdit(ctx, authorId) || can(ctx.org.role, "members.manage");

function shape(ctx: Reader, row: ShownComment): Comment {
  const isFirst = row.id === row.thread_id;
  const deleted = row.deleted_at !== null;
  return {
    id: row.id,
    thread_id: row.thread_id,
    parent_id: isFirst ? null : row.thread_id,
    no: row.no,
    text: row.body,
    deleted,
    author: row.author,
    mentions: row.mentions,
    created_at: row.created_at,
    edited_at: row.edited_at,
    can_edit: !deleted && mayEdit(ctx, row.author_id),
    can_delete: !deleted && mayDelete(ctx, row.author_id),
    thread: isFirst
      ? {
          anchor: {
            kind: row.kind,
            dashboard_id: row.dashboard_id,
            dashboard_title: row.dashboard_title,
            widget_id: row.widget_id,
            path: row.path,
            label: row.label,
            shown: row.shown,
          },
          resolved_at: row.resolved_at,
          resolved_by: row.resolved_by,
          replies: row.replies,
          last_at: row.last_at,
          unread: row.unread,
        }
      : null,
  };
}

/** The log says who wrote about what, never what: a comment's text can be erased, the log cannot. */
const auditOf = (action: string, row: ShownComment) => ({
  action: `comment.${action}`,
  target: anchorTitle(placeOf(row), null),
  details: { id: row.id, thread_id: row.thread_id },
});

export const commentsRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/comments",
        tags,
        summary: "Threads, or the comments of one",
        description:
          "Threads by their first comments, the last spoken in first; with `thread_id` all comments of that thread, oldest first.",
      },
    })
    .input(listCommentsInput)
    .output(commentsOutput)
    .query(async ({ ctx, input }) => {
      const reader = ctx.principal.userId;
      const { limit, cursor, thread_id: threadId, dashboard_id, widget_id, ...rest } = input;
      const found = await ctx.inOrg((tx) =>
        threadId === undefined
          ? listThreads(tx, reader, {
              limit,
              cursor,
              dashboardId: dashboard_id,
              widgetId: widget_id,
              ...rest,
            })
          : listThread(tx, reader, { threadId, limit, cursor }),
      );
      return { ...found, items: found.items.map((row) => shape(ctx, row)) };
    }),

  get: orgProcedure("data.read")
    .meta({ openapi: { method: "GET", path: "/comments/{id}", tags, summary: "One comment" } })
    .input(idInput)
    .output(comment)
    .query(async ({ ctx, input }) =>
      shape(ctx, await ctx.inOrg((tx) => getShownComment(tx, ctx.principal.userId, input.id))),
    ),

  create: orgProcedure("comment.write")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/comments",
        tags,
        summary: "Begin a thread, or answer in one",
        description:
          "`anchor` pins a new thread to a cohort cell, a point, a widget or a dashboard; `parent_id` answers a comment. Members named with @address or @name find it in their inbox, and by mail.",
      },
    })
    .input(createCommentInput)
    .output(comment)
    .mutation(({ ctx, input: { text, anchor, parent_id: parentId, mentions = [] } }) =>
      ctx.inOrg(async (tx) => {
        const author = { authorId: ctx.principal.userId, body: text };
        const made =
          parentId === undefined
            ? await createThread(tx, { anchor: requireAnchor(anchor), ...author })
            : await createReply(tx, { parentId, ...author });
        await putMentions(tx, { comment: made, addresses: mentions, origin: ctx.request.origin });
        const shown = await getShownComment(tx, ctx.principal.userId, made.id);
        await recordAudit(tx, { ...actorOf(ctx), ...auditOf("created", shown) });
        await announceThread(tx, made.threadId);
        return shape(ctx, shown);
      }),
    ),

  update: orgProcedure("comment.write")
    .meta({
      openapi: {
        method: "PATCH",
        path: "/comments/{id}",
        tags,
        summary: "Edit one’s comment; resolve its thread or open it again",
        description:
          "Only what is given changes. `resolved` is the thread’s, and anybody who may comment sets it.",
      },
    })
    .input(updateCommentInput)
    .output(comment)
    .mutation(({ ctx, input: { id, text, resolved, mentions = [] } }) =>
      ctx.inOrg(async (tx) => {
        const { userId } = ctx.principal;
        const before = await getShownComment(tx, userId, id);
        if (text !== undefined) {
          if (!mayEdit(ctx, before.author_id)) throw notYours("Only its author can edit a comment.");
          const edited = await editComment(tx, id, text);
          await putMentions(tx, { comment: edited, addresses: mentions, origin: ctx.request.origin });
          await recordAudit(tx, { ...actorOf(ctx), ...auditOf("edited", before) });
        }
        if (resolved !== undefined && (await setResolved(tx, before.thread_id, resolved, userId)))
          await recordAudit(tx, { ...actorOf(ctx), ...auditOf(resolved ? "resolved" : "reopened", before) });
        await announceThread(tx, before.thread_id);
        return shape(ctx, await getShownComment(tx, userId, id));
      }),
    ),

  delete: orgProcedure("comment.write")
    .meta({
      openapi: {
        method: "DELETE",
        path: "/comments/{id}",
        tags,
        summary: "Delete a comment",
        description:
          "Its text is erased; its place in the thread stays while others have answered. For its author, and for those who manage members.",
      },
    })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const before = await getShownComment(tx, ctx.principal.userId, input.id);
        if (!mayDelete(ctx, before.author_id))
          throw notYours("Only its author or an admin can delete a comment.");
        await announceThread(tx, before.thread_id);
        await deleteComment(tx, input.id);
        await recordAudit(tx, { ...actorOf(ctx), ...auditOf("deleted", before) });
        return { ok: true };
      }),
    ),

  /** How far one has read is one's own affair: no log, and viewers may. */
  read: orgProcedure("data.read")
    .meta({
      openapi: { method: "POST", path: "/comments/{id}/read", tags, summary: "Mark a thread as read" },
    })
    .input(readCommentsInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await ctx.inOrg(async (tx) => {
        const { threadId } = await getComment(tx, input.id);
        const { userId } = ctx.principal;
        await markRead(tx, { threadId, userId, no: input.no });
        // their other tabs count anew
        await recordEvent(tx, { topic: "notifications", keys: { user_id: userId } });
      });
      return { ok: true };
    }),

  /** What a page marks on its numbers: for pages alone. */
  marks: orgProcedure("data.read")
    .input(commentMarksInput)
    .output(commentMarksOutput)
    .query(async ({ ctx, input }) => ({
      items: await ctx.read((tx) => listMarks(tx, ctx.principal.userId, input.dashboard_id)),
    })),

  /** The number beside "Inbox": for pages alone. */
  inboxCount: orgProcedure("data.read")
    .output(inboxCountOutput)
    .query(async ({ ctx }) => ({ unread: await ctx.read((tx) => countInbox(tx, ctx.principal.userId)) })),
});

/** The input has either an anchor or a parent. */
function requireAnchor(anchor: AnchorInput | undefined): AnchorInput {
  if (!anchor) throw new AppError("BAD_REQUEST", "A comment needs an anchor or a parent_id.");
  return anchor;
}

const notYours = (message: string) => new AppError("FORBIDDEN", message, { reason: "not_author" });
