import { consumeVerifyToken, setVerifyToken, type User } from "#db/queries/accounts.ts";
import { deleteSessionsOfUser } from "#db/queries/sessions.ts";
import { AppError } from "#root/errors.ts";
import { verifyMessage } from "../mail/messages.ts";
import type { Context, Principal } from "../trpc.ts";
import { auditAccount, mailPerson } from "./account-audit.ts";
import { hashSecret, newSecret } from "./secrets.ts";
import { renewSession } from "./start-session.ts";

/** Mails a fresh link that confirms the address; silently not, when the address has been sent enough for now. */
export async function sendVerification(ctx: Context, user: Pick<User, "id" | "email">): Promise<void> {
  if (!(await ctx.limits.mayMail(user.email))) return;
  const token = newSecret();
  await ctx.db.withInstance((tx) => setVerifyToken(tx, user.id, hashSecret(token)));
  await mailPerson(ctx, user, verifyMessage({ origin: ctx.request.origin, token }));
}

export async function resendVerification(ctx: Context, principal: Principal): Promise<void> {
  if (principal.emailVerified) return;
  await sendVerification(ctx, { id: principal.userId, email: principal.email });
}

/**
 * Uses a confirmation link up. It proves the mailbox, not the password: only a browser that is signed in as the same
 * person stays so (under a new secret); all their other sessions end.
 * @throws AppError GONE (`link_expired`)
 */
export async function verifyEmail(
  ctx: Context,
  token: string,
): Promise<{ status: "signed_in" | "sign_in"; email: string }> {
  const { principal } = ctx;
  const outcome = await ctx.db.withInstance(async (tx) => {
    const user = await consumeVerifyToken(tx, hashSecret(token));
    if (!user) return null;
    const own = principal?.userId === user.id && principal.sessionId ? principal.sessionId : null;
    await deleteSessionsOfUser(tx, user.id, own);
    return { user, secret: own ? await renewSession(tx, own, principal?.org?.id ?? null) : null };
  });
  if (!outcome) throw linkExpired();
  const { user, secret } = outcome;
  if (secret) ctx.setSessionCookie(secret);
  await auditAccount(ctx, principal?.org?.id ?? null, {
    actorId: user.id,
    actor: user.email,
    action: "account.email_confirmed",
  });
  return { status: secret ? "signed_in" : "sign_in", email: user.email };
}

export const linkExpired = () =>
  new AppError("GONE", "This link has been used or is too old. Ask for a new one.", {
    reason: "link_expired",
  });
