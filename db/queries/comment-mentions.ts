import { sql } from "drizzle-orm";
import type { AnchorKind } from "#contracts/comment-anchors.ts";
import { mostMentions } from "#contracts/comments.ts";
import { findMentions, type Person } from "#contracts/mentions.ts";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { enqueueJob } from "../jobs.ts";

interface Member extends Person, Record<string, unknown> {
  id: string;
}

/** How long mentions gather before one mail tells of all of them. */
const gathering = 5 * 60_000;

/**
 * Writes down who is named in a comment, in its text or by address, and sees to it that those named for the first time are told: the
 * thread comes into their inbox as unread, and a mail follows in some minutes.
 * @param origin of links in that mail
 * @throws AppError UNPROCESSABLE for an address of nobody here, or too many
 */
export async function putMentions(
  tx: OrgTx,
  input: {
    comment: { id: string; threadId: string; no: number; body: string; authorId: string | null };
    addresses: readonly string[];
    origin: string;
  },
): Promise<void> {
  const { comment, addresses } = input;
  const named =
    addresses.length > 0 || comment.body.includes("@") ? await namedIn(tx, comment.body, addresses) : [];
  const ids = named.map(({ id }) => id).filter((id) => id !== comment.authorId);
  const list = sql`${JSON.stringify(ids)}::jsonb`;
  await tx.rows(sql`
    DELETE FROM comment_mention WHERE org_id = ${tx.orgId} AND comment_id = ${comment.id}
      AND user_id NOT IN (SELECT x::uuid FROM jsonb_array_elements_text(${list}) AS x)`);
  if (ids.length === 0) return;
  const added = await tx.rows<{ user_id: string }>(sql`
    INSERT INTO comment_mention (org_id, comment_id, user_id)
    SELECT ${tx.orgId}::uuid, ${comment.id}::uuid, x::uuid FROM jsonb_array_elements_text(${list}) AS x
    ON CONFLICT DO NOTHING RETURNING user_id`);
  for (const { user_id: userId } of added) {
    await tx.rows(sql`
      INSERT INTO comment_reader AS r (org_id, thread_id, user_id, read_no, follows)
      VALUES (${tx.orgId}, ${comment.threadId}, ${userId}, ${comment.no - 1}, true)
      ON CONFLICT (org_id, thread_id, user_id)
        DO UPDATE SET follows = true, read_no = least(r.read_no, excluded.read_no)`);
    await enqueueJob(
      tx,
      "mailMentions",
      { orgId: tx.orgId, userId, origin: input.origin },
      {
        key: `mentions:${tx.orgId}:${userId}`,
        keyMode: "preserve_run_at",
        runAt: new Date(Date.now() + gathering),
      },
    );
  }
}

async function namedIn(tx: OrgTx, text: string, addresses: readonly string[]): Promise<Member[]> {
  const members = await tx.rows<Member>(sql`
    SELECT u.id, u.email, u.name FROM membership m JOIN "user" u ON u.id = m.user_id
    WHERE m.org_id = ${tx.orgId} ORDER BY u.email LIMIT 10000`);
  const byAddress = addresses.map((address) => {
    const member = members.find(({ email }) => email === address);
    if (!member)
      throw new AppError("UNPROCESSABLE", `Nobody with the address ${address} is a member here.`, {
        reason: "unknown_mention",
      });
    return member;
  });
  const named = [...new Set([...byAddress, ...findMentions(text, members).map(({ person }) => person)])];
  if (named.length > mostMentions)
    throw new AppError("UNPROCESSABLE", `A comment can name at most ${mostMentions} people.`, {
      reason: "too_many_mentions",
    });
  return named;
}

export interface WaitingMention extends Record<string, unknown> {
  comment_id: string;
  thread_id: string;
  body: string;
  author: string | null;
  kind: AnchorKind;
  dashboard_id: string | null;
  dashboard_title: string | null;
  widget_id: string | null;
  path: Record<string, string | number>;
  label: string | null;
}

/**
 * Takes up what one person was named in and has neither read since nor been told of: nobody else gets these. Oldest first.
 * @returns null when they are no member any more
 */
export async function takeMentions(
  tx: OrgTx,
  userId: string,
): Promise<{ to: { email: string; name: string; organisation: string }; mentions: WaitingMention[] } | null> {
  const [to] = await tx.rows<{ email: string; name: string; organisation: string }>(sql`
    SELECT u.email, u.name, o.name AS organisation FROM membership m
    JOIN "user" u ON u.id = m.user_id JOIN organisation o ON o.id = m.org_id
    WHERE m.org_id = ${tx.orgId} AND m.user_id = ${userId}`);
  if (!to) return null;
  const mentions = await tx.rows<WaitingMention>(sql`
    WITH taken AS (
      UPDATE comment_mention SET mailed_at = now()
      WHERE org_id = ${tx.orgId} AND user_id = ${userId} AND mailed_at IS NULL RETURNING comment_id)
    SELECT c.id AS comment_id, c.thread_id, c.body, coalesce(nullif(a.name, ''), a.email) AS author,
      t.kind, t.dashboard_id, d.title AS dashboard_title, t.widget_id, t.path, t.label
    FROM taken JOIN comment c ON c.org_id = ${tx.orgId} AND c.id = taken.comment_id
    JOIN comment_thread t ON t.org_id = ${tx.orgId} AND t.id = c.thread_id
    LEFT JOIN dashboard d ON d.org_id = ${tx.orgId} AND d.id = t.dashboard_id
    LEFT JOIN "user" a ON a.id = c.author_id
    LEFT JOIN comment_reader m ON m.org_id = ${tx.orgId} AND m.thread_id = t.id AND m.user_id = ${userId}
    WHERE c.deleted_at IS NULL AND c.no > coalesce(m.read_no, 0)
    ORDER BY c.created_at, c.id`);
  return { to, mentions };
}
