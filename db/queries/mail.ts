import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { enqueueJob } from "../jobs.ts";
import { mail } from "../schema/accounts.ts";

export type Mail = typeof mail.$inferSelect;

/**
 * Writes a mail down and enqueues its sending, in the transaction of what caused it. Personal mails (verification,
 * reset) belong to the instance's own organisation and carry the person's id.
 */
export async function createMail(
  tx: OrgTx,
  values: { recipient: string; subject: string; html: string; body: string; userId: string | null },
): Promise<string> {
  const id = newId();
  await tx.q.insert(mail).values({ orgId: tx.orgId, id, ...values });
  await enqueueJob(tx, "sendMail", { orgId: tx.orgId, mailId: id }, { maxAttempts: 8 });
  return id;
}

export async function findMail(tx: OrgTx, id: string): Promise<Mail | null> {
  const [found] = await tx.q
    .select()
    .from(mail)
    .where(and(eq(mail.orgId, tx.orgId), eq(mail.id, id)));
  return found ?? null;
}

/** queued → sending, by one sender only. @returns null when it was not waiting */
export async function claimMail(tx: OrgTx, id: string): Promise<Mail | null> {
  const [claimed] = await tx.q
    .update(mail)
    .set({ status: "sending" })
    .where(and(eq(mail.orgId, tx.orgId), eq(mail.id, id), eq(mail.status, "queued")))
    .returning();
  return claimed ?? null;
}

/**
 * Writes down what became of a mail. A delivered personal mail loses its text: it holds a link that lets somebody
 * in, and the mailbox has it now.
 */
export async function settleMail(
  tx: OrgTx,
  id: string,
  outcome: { status: "queued" | "sent" | "outbox" | "failed" | "unknown"; error: string | null },
): Promise<void> {
  const sent = outcome.status === "sent";
  await tx.q
    .update(mail)
    .set({
      ...outcome,
      ...(sent ? { sentAt: sql`now()` } : {}),
      ...(sent
        ? {
            html: sql`CASE WHEN ${mail.userId} IS NULL THEN ${mail.html} ELSE '' END`,
            body: sql`CASE WHEN ${mail.userId} IS NULL THEN ${mail.body} ELSE '' END`,
          }
        : {}),
    })
    .where(and(eq(mail.orgId, tx.orgId), eq(mail.id, id)));
}

/** Newest first: the organisation's own mails, or (inside the instance's organisation) those of one person. */
export async function listMails(tx: OrgTx, input: { limit: number; cursor?: string; userId: string | null }) {
  const before = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select()
    .from(mail)
    .where(
      and(
        eq(mail.orgId, tx.orgId),
        input.userId === null ? isNull(mail.userId) : eq(mail.userId, input.userId),
        before === null ? undefined : lt(mail.id, before),
      ),
    )
    .orderBy(desc(mail.id))
    .limit(input.limit + 1);
  return page(rows, input.limit, (row) => [row.id]);
}

/** What was mailed to one person alone, when the person goes. */
export async function deleteMailsOf(tx: OrgTx, userId: string): Promise<void> {
  await tx.q.delete(mail).where(and(eq(mail.orgId, tx.orgId), eq(mail.userId, userId)));
}
