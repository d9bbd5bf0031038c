import { type SQL, sql } from "drizzle-orm";
import type { AnchorKind } from "#contracts/comment-anchors.ts";
import type { CommentMark } from "#contracts/comments.ts";
import { AppError } from "#root/errors.ts";
import { decodeCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";

interface PersonRow {
  email: string;
  name: string;
}

/** ISO 8601, to the millisecond. */
const instant = (column: string): SQL =>
  sql.raw(`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/** A comment with what a reader sees around it. The thread's own columns count for the comment that began it. */
export interface ShownComment extends Record<string, unknown> {
  id: string;
  thread_id: string;
  no: number;
  body: string;
  author_id: string | null;
  author: PersonRow | null;
  mentions: PersonRow[];
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  kind: AnchorKind;
  dashboard_id: string | null;
  dashboard_title: string | null;
  widget_id: string | null;
  path: Record<string, string | number>;
  label: string | null;
  shown: string | null;
  resolved_at: string | null;
  resolved_by: PersonRow | null;
  last_at: string;
  /** To the microsecond, for cursors. */
  last_text: string;
  replies: number;
  unread: number;
}

const personOf = (alias: string): SQL =>
  sql.raw(
    `CASE WHEN ${alias}.id IS NULL THEN NULL ELSE jsonb_build_object('email', ${alias}.email, 'name', ${alias}.name) END`,
  );

/**
 * How many comments of thread `t` others wrote since `reader` looked (`m` is the reader's row): for who never did, since they
 * joined.
 */
const unreadOf = (tx: OrgTx, reader: string): SQL => sql`(
  SELECT count(*)::int FROM comment r
  WHERE r.org_id = ${tx.orgId} AND r.thread_id = t.id AND r.deleted_at IS NULL
    AND r.author_id IS DISTINCT FROM ${reader}::uuid AND r.no > coalesce(m.read_no, 0)
    AND (m.read_no IS NOT NULL OR r.created_at >= (
      SELECT s.created_at FROM membership s WHERE s.org_id = ${tx.orgId} AND s.user_id = ${reader}::uuid)))`;

const joinReader = (tx: OrgTx, reader: string): SQL =>
  sql`LEFT JOIN comment_reader m ON m.org_id = ${tx.orgId} AND m.thread_id = t.id AND m.user_id = ${reader}::uuid`;

const select = (tx: OrgTx, reader: string, where: SQL, rest: SQL) =>
  tx.rows<ShownComment>(sql`
    SELECT c.id, c.thread_id, c.no, c.body, c.author_id, ${personOf("u")} AS author, ${instant("c.created_at")} AS created_at,
      ${instant("c.edited_at")} AS edited_at, ${instant("c.deleted_at")} AS deleted_at,
      coalesce((SELECT jsonb_agg(jsonb_build_object('email', p.email, 'name', p.name) ORDER BY p.email)
        FROM comment_mention n JOIN "user" p ON p.id = n.user_id
        WHERE n.org_id = ${tx.orgId} AND n.comment_id = c.id), '[]') AS mentions,
      t.kind, t.dashboard_id, d.title AS dashboard_title, t.widget_id, t.path, t.label, t.shown,
      ${instant("t.resolved_at")} AS resolved_at, ${personOf("v")} AS resolved_by,
      ${instant("t.last_at")} AS last_at, t.last_at::text AS last_text,
      CASE WHEN c.id = t.id THEN (SELECT count(*)::int FROM comment r
        WHERE r.org_id = ${tx.orgId} AND r.thread_id = t.id AND r.id <> t.id AND r.deleted_at IS NULL) ELSE 0 END AS replies,
      CASE WHEN c.id = t.id THEN ${unreadOf(tx, reader)} ELSE 0 END AS unread
    FROM comment c
    JOIN comment_thread t ON t.org_id = ${tx.orgId} AND t.id = c.thread_id
    LEFT JOIN dashboard d ON d.org_id = ${tx.orgId} AND d.id = t.dashboard_id
    LEFT JOIN "user" u ON u.id = c.author_id
    LEFT JOIN "user" v ON v.id = t.resolved_by
    ${joinReader(tx, reader)}
    WHERE c.org_id = ${tx.orgId} AND ${where} ${rest}`);

/** @throws AppError NOT_FOUND */
export async function getShownComment(tx: OrgTx, reader: string, id: string): Promise<ShownComment> {
  const [found] = await select(tx, reader, sql`c.id = ${id}`, sql``);
  if (!found) throw new AppError("NOT_FOUND", "There is no such comment. It may have been deleted.");
  return found;
}

/** The comments of one thread, oldest first; deleted ones keep their place. @throws AppError NOT_FOUND */
export async function listThread(
  tx: OrgTx,
  reader: string,
  input: { threadId: string; limit: number; cursor?: string | undefined },
) {
  const after = input.cursor === undefined ? 0 : decodeCursor(input.cursor, ["integer"])[0];
  const rows = await select(
    tx,
    reader,
    sql`c.thread_id = ${input.threadId} AND c.no > ${after}`,
    sql`ORDER BY c.no LIMIT ${input.limit + 1}`,
  );
  if (rows.length === 0 && after === 0)
    throw new AppError("NOT_FOUND", "There is no such thread. It may have been deleted.");
  return page(rows, input.limit, (row) => [row.no]);
}

export interface ThreadFilter {
  dashboardId?: string | undefined;
  widgetId?: string | undefined;
  kind?: AnchorKind | undefined;
  state: "open" | "resolved" | "all";
  /** Only what the reader follows. */
  following?: boolean | undefined;
  unread?: boolean | undefined;
}

/** Threads by their first comments, the last spoken in first. */
export async function listThreads(
  tx: OrgTx,
  reader: string,
  input: ThreadFilter & { limit: number; cursor?: string | undefined },
) {
  const where = [sql`c.id = t.id`];
  if (input.dashboardId) where.push(sql`t.dashboard_id = ${input.dashboardId}`);
  if (input.widgetId !== undefined) where.push(sql`t.widget_id = ${input.widgetId}`);
  if (input.kind) where.push(sql`t.kind = ${input.kind}`);
  if (input.state !== "all")
    where.push(input.state === "open" ? sql`t.resolved_at IS NULL` : sql`t.resolved_at IS NOT NULL`);
  if (input.following) where.push(sql`m.follows`);
  if (input.unread) where.push(sql`${unreadOf(tx, reader)} > 0`);
  if (input.cursor !== undefined) where.push(sql`(t.last_at, t.id) < ${lastOf(input.cursor)}`);
  const rows = await select(
    tx,
    reader,
    sql.join(where, sql` AND `),
    sql`ORDER BY t.last_at DESC, t.id DESC LIMIT ${input.limit + 1}`,
  );
  return page(rows, input.limit, (row) => [row.last_text, row.thread_id]);
}

function lastOf(cursor: string): SQL {
  const [at, id] = decodeCursor(cursor, ["instant", "id"]);
  return sql`(${at}::timestamptz, ${id}::uuid)`;
}

const mostMarks = 500;

/**
 * The open threads that a page marks: a dashboard's own and those of cohort cells without one; for the cohort page (null) those of
 * all cells.
 */
export async function listMarks(
  tx: OrgTx,
  reader: string,
  dashboardId: string | null,
): Promise<CommentMark[]> {
  const cells = sql`t.kind = 'cohort_cell'`;
  const where =
    dashboardId === null
      ? cells
      : sql`(t.dashboard_id = ${dashboardId} OR (t.dashboard_id IS NULL AND ${cells}))`;
  const rows = await tx.rows<Omit<CommentMark, "unread"> & { unread: number }>(sql`
    SELECT t.id, t.kind, t.widget_id, t.path, ${unreadOf(tx, reader)} AS unread,
      (SELECT count(*)::int FROM comment r
        WHERE r.org_id = ${tx.orgId} AND r.thread_id = t.id AND r.deleted_at IS NULL) AS comments
    FROM comment_thread t ${joinReader(tx, reader)}
    WHERE t.org_id = ${tx.orgId} AND t.resolved_at IS NULL AND ${where}
    ORDER BY t.last_at DESC, t.id DESC LIMIT ${mostMarks}`);
  return rows.map((row) => ({ ...row, unread: row.unread > 0 }));
}

/** How many threads that somebody follows have something new in them. */
export async function countInbox(tx: OrgTx, reader: string): Promise<number> {
  const [found] = await tx.rows<{ unread: number }>(sql`
    SELECT count(*)::int AS unread FROM comment_reader m
    JOIN comment_thread t ON t.org_id = ${tx.orgId} AND t.id = m.thread_id
    WHERE m.org_id = ${tx.orgId} AND m.user_id = ${reader}::uuid AND m.follows AND t.last_no > m.read_no
      AND EXISTS (SELECT FROM comment r WHERE r.org_id = ${tx.orgId} AND r.thread_id = t.id AND r.no > m.read_no
        AND r.deleted_at IS NULL AND r.author_id IS DISTINCT FROM m.user_id)`);
  return found?.unread ?? 0;
}
