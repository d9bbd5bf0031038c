import {
  consumeResetToken,
  findUser,
  findUserByEmail,
  findUserByResetToken,
  setPassword,
  setResetToken,
} from "#db/queries/accounts.ts";
import { deleteSessionsOfUser } from "#db/queries/sessions.ts";
import { AppError } from "#root/errors.ts";
import { passwordChangedMessage, resetMessage } from "../mail/messages.ts";
import type { Context, Principal } from "../trpc.ts";
import { auditAccount, mailPerson } from "./account-audit.ts";
import { evenly } from "./even-timing.ts";
import { requireStrongPassword } from "./password-policy.ts";
import { hashSecret, newSecret } from "./secrets.ts";
import { renewSession } from "./start-session.ts";
import { linkExpired } from "./verify-email.ts";

/** Mails a link for a new password, if the address has an account. The answer, and its time, are the same if not. */
export async function requestReset(ctx: Context, email: string): Promise<void> {
  await ctx.limits.signUp(ctx.request.ip);
  await evenly(150, async () => {
    if (!(await ctx.limits.mayMail(email))) return;
    const user = await ctx.db.withInstance((tx) => findUserByEmail(tx, email));
    if (!user) return;
    const token = newSecret();
    await ctx.db.withInstance((tx) => setResetToken(tx, user.id, hashSecret(token)));
    await mailPerson(ctx, user, resetMessage({ origin: ctx.request.origin, token }));
    await auditAccount(ctx, null, { actorId: null, actor: email, action: "account.reset_requested" });
  });
}

/**
 * Sets the password with a mailed link, once, and signs every browser out.
 * @throws AppError GONE (`link_expired`), UNPROCESSABLE (`weak_password`)
 */
export async function resetPassword(ctx: Context, input: { token: string; password: string }): Promise<void> {
  const hash = hashSecret(input.token);
  const owner = await ctx.db.withInstance((tx) => findUserByResetToken(tx, hash));
  if (!owner) throw linkExpired();
  requireStrongPassword(input.password, owner);
  const passwordHash = await ctx.passwords.hash(input.password);
  const user = await ctx.db.withInstance(async (tx) => {
    const found = await consumeResetToken(tx, hash, passwordHash);
    if (found) await deleteSessionsOfUser(tx, found.id);
    return found;
  });
  if (!user) throw linkExpired();
  ctx.setSessionCookie(null);
  await auditAccount(ctx, null, { actorId: user.id, actor: user.email, action: "account.password_reset" });
  await mailPerson(ctx, user, passwordChangedMessage({ origin: ctx.request.origin }));
}

/**
 * Changes the password of somebody who is signed in and knows the old one; their other sessions end.
 * @throws AppError FORBIDDEN (`wrong_password`), UNPROCESSABLE (`weak_password`), RATE_LIMITED
 */
export async function changePassword(
  ctx: Context,
  principal: Principal,
  sessionId: string,
  input: { current: string; password: string },
): Promise<void> {
  const { userId, email, org } = principal;
  await ctx.limits.attempt(ctx.request.ip, email, async () => true);
  const user = await ctx.db.withInstance((tx) => findUser(tx, userId));
  const { ok } = await ctx.passwords.verify(user?.passwordHash ?? null, input.current);
  if (!ok)
    throw new AppError("FORBIDDEN", "The current password is not right.", { reason: "wrong_password" });
  await ctx.limits.forgive(ctx.request.ip, email);
  requireStrongPassword(input.password, principal);
  const passwordHash = await ctx.passwords.hash(input.password);
  const secret = await ctx.db.withInstance(async (tx) => {
    await setPassword(tx, userId, passwordHash);
    await deleteSessionsOfUser(tx, userId, sessionId);
    return renewSession(tx, sessionId, org?.id ?? null);
  });
  ctx.setSessionCookie(secret);
  await auditAccount(ctx, org?.id ?? null, {
    actorId: userId,
    actor: email,
    action: "account.password_changed",
  });
  await mailPerson(ctx, { id: userId, email }, passwordChangedMessage({ origin: ctx.request.origin }));
}
