import { and, eq, isNull, sql } from "drizzle-orm";
import type { AnchorInput } from "#contracts/comments.ts";
import type { FeedKeys } from "#contracts/feed.ts";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { comment, commentReader, commentThread } from "../schema/dashboards.ts";
import { getDashboard } from "./dashboards.ts";
import { recordEvent } from "./events.ts";

export type CommentRow = typeof comment.$inferSelect;
type ThreadRow = typeof commentThread.$inferSelect;

const noSuchComment = () => new AppError("NOT_FOUND", "There is no such comment. It may have been deleted.");

/** @throws AppError NOT_FOUND */
export async function getComment(tx: OrgTx, id: string): Promise<CommentRow> {
  const [found] = await tx.q
    .select()
    .from(comment)
    .where(and(eq(comment.orgId, tx.orgId), eq(comment.id, id)));
  if (!found) throw noSuchComment();
  return found;
}

const ofThread = (tx: OrgTx, id: string) => and(eq(commentThread.orgId, tx.orgId), eq(commentThread.id, id));

/** The thread, held against every other change of it until the transaction ends. @throws AppError NOT_FOUND */
async function lockThread(tx: OrgTx, id: string): Promise<ThreadRow> {
  const [found] = await tx.q.select().from(commentThread).where(ofThread(tx, id)).for("no key update");
  if (!found) throw noSuchComment();
  return found;
}

/**
 * Begins a thread. What it is pinned to must be there now; later it may go.
 * @throws AppError NOT_FOUND for a dashboard or widget that is not there
 */
export async function createThread(
  tx: OrgTx,
  values: { anchor: AnchorInput; authorId: string; body: string },
): Promise<CommentRow> {
  const { anchor } = values;
  await requireAnchor(tx, anchor);
  const id = newId();
  await tx.q.insert(commentThread).values({
    orgId: tx.orgId,
    id,
    dashboardId: anchor.dashboard_id,
    widgetId: anchor.widget_id,
    kind: anchor.kind,
    path: { ...anchor.path },
    label: anchor.label ?? null,
    shown: anchor.shown ?? null,
  });
  return addComment(tx, { id, threadId: id, no: 1, authorId: values.authorId, body: values.body });
}

async function requireAnchor(tx: OrgTx, { dashboard_id, widget_id }: AnchorInput): Promise<void> {
  if (dashboard_id === null) {
    if (widget_id === null) return;
    throw new AppError("BAD_REQUEST", "A widget is on a dashboard: give dashboard_id too.");
  }
  const { widgets } = await getDashboard(tx, dashboard_id);
  if (widget_id !== null && !Object.hasOwn(widgets, widget_id))
    throw new AppError("NOT_FOUND", "There is no such widget on this dashboard.");
}

/** Answers in the thread of a comment; a resolved thread is open again. @throws AppError NOT_FOUND */
export async function createReply(
  tx: OrgTx,
  values: { parentId: string; authorId: string; body: string },
): Promise<CommentRow> {
  const { threadId } = await getComment(tx, values.parentId);
  const { lastNo } = await lockThread(tx, threadId);
  const no = lastNo + 1;
  await tx.q
    .update(commentThread)
    .set({ lastNo: no, lastAt: sql`now()`, resolvedAt: null, resolvedBy: null })
    .where(ofThread(tx, threadId));
  return addComment(tx, { id: newId(), threadId, no, authorId: values.authorId, body: values.body });
}

/** Whoever writes has read what stands above, and follows from then on. */
async function addComment(
  tx: OrgTx,
  values: Pick<CommentRow, "id" | "threadId" | "no" | "body"> & { authorId: string },
): Promise<CommentRow> {
  const [made] = await tx.q
    .insert(comment)
    .values({ orgId: tx.orgId, ...values })
    .returning();
  const { threadId, authorId, no } = values;
  await tx.q
    .insert(commentReader)
    .values({ orgId: tx.orgId, threadId, userId: authorId, readNo: no, follows: true })
    .onConflictDoUpdate({
      target: [commentReader.orgId, commentReader.threadId, commentReader.userId],
      set: { follows: true, readNo: no },
    });
  return made!;
}

/** @throws AppError NOT_FOUND, also when it was deleted */
export async function editComment(tx: OrgTx, id: string, body: string): Promise<CommentRow> {
  const [changed] = await tx.q
    .update(comment)
    .set({ body, editedAt: sql`now()` })
    .where(and(eq(comment.orgId, tx.orgId), eq(comment.id, id), isNull(comment.deletedAt)))
    .returning();
  if (!changed) throw noSuchComment();
  return changed;
}

/** Erases the text; a thread in which nothing is left goes as a whole. @throws AppError NOT_FOUND */
export async function deleteComment(tx: OrgTx, id: string): Promise<CommentRow> {
  const { threadId } = await getComment(tx, id);
  await lockThread(tx, threadId);
  const [gone] = await tx.q
    .update(comment)
    .set({ body: "", deletedAt: sql`now()` })
    .where(and(eq(comment.orgId, tx.orgId), eq(comment.id, id), isNull(comment.deletedAt)))
    .returning();
  if (!gone) throw noSuchComment();
  await tx.rows(sql`DELETE FROM comment_mention WHERE org_id = ${tx.orgId} AND comment_id = ${id}`);
  await tx.rows(sql`
    DELETE FROM comment_thread t WHERE t.org_id = ${tx.orgId} AND t.id = ${threadId} AND NOT EXISTS (
      SELECT FROM comment c WHERE c.org_id = t.org_id AND c.thread_id = t.id AND c.deleted_at IS NULL)`);
  return gone;
}

/** Resolves a thread, or opens it again. @returns whether that changed it */
export async function setResolved(
  tx: OrgTx,
  threadId: string,
  resolved: boolean,
  userId: string,
): Promise<boolean> {
  const { resolvedAt } = await lockThread(tx, threadId);
  if ((resolvedAt !== null) === resolved) return false;
  await tx.q
    .update(commentThread)
    .set(resolved ? { resolvedAt: sql`now()`, resolvedBy: userId } : { resolvedAt: null, resolvedBy: null })
    .where(ofThread(tx, threadId));
  return true;
}

/** Remembers how far somebody has read; never less than before. @throws AppError NOT_FOUND */
export async function markRead(
  tx: OrgTx,
  { threadId, userId, no }: { threadId: string; userId: string; no?: number | undefined },
): Promise<void> {
  const [thread] = await tx.q
    .select({ lastNo: commentThread.lastNo })
    .from(commentThread)
    .where(ofThread(tx, threadId));
  if (!thread) throw noSuchComment();
  const readNo = Math.min(no ?? thread.lastNo, thread.lastNo);
  await tx.q
    .insert(commentReader)
    .values({ orgId: tx.orgId, threadId, userId, readNo })
    .onConflictDoUpdate({
      target: [commentReader.orgId, commentReader.threadId, commentReader.userId],
      set: { readNo: sql`greatest(${commentReader.readNo}, excluded.read_no)` },
    });
}

/** Tells open pages that a thread has changed; call it before a change that may take the thread away. */
export async function announceThread(tx: OrgTx, threadId: string): Promise<void> {
  const [thread] = await tx.q
    .select({ dashboardId: commentThread.dashboardId })
    .from(commentThread)
    .where(ofThread(tx, threadId));
  const keys: FeedKeys = { thread_id: threadId };
  if (thread?.dashboardId) keys.dashboard_id = thread.dashboardId;
  await recordEvent(tx, { topic: "comments", keys });
}
