import type { Message } from "#charts/compose-mail.tsx";
import { instanceOrgId } from "#db/database.ts";
import { type AuditEntry, recordAudit } from "#db/queries/audit.ts";
import { createMail } from "#db/queries/mail.ts";
import type { Context } from "../trpc.ts";

/**
 * Writes down what concerns a person rather than an organisation: in the log of the organisation they look at, so
 * that its admins see sign-ins; without one in the instance's own.
 */
export function auditAccount(
  ctx: Context,
  orgId: string | null,
  entry: Omit<AuditEntry, "ip">,
): Promise<void> {
  return ctx.db.withOrg(orgId ?? instanceOrgId, (tx) => recordAudit(tx, { ...entry, ip: ctx.request.ip }));
}

/** Mails one person. What it says is theirs alone: admins do not see it in the outbox. */
export async function mailPerson(
  ctx: Context,
  to: { id: string; email: string },
  message: Message,
): Promise<void> {
  await ctx.db.withOrg(instanceOrgId, (tx) =>
    createMail(tx, { ...message, recipient: to.email, userId: to.id }),
  );
}

/** The actor of an audit row: who asks, by address, and by which token if it was one. */
export function actorOf(ctx: { principal: NonNullable<Context["principal"]>; request: Context["request"] }) {
  const { principal, request } = ctx;
  return {
    actorId: principal.userId,
    actor: principal.apiTokenId ? `${principal.email} (API token)` : principal.email,
    ip: request.ip,
  };
}
