import { instanceOrgId } from "#db/database.ts";
import { findUserByEmail, setPassword } from "#db/queries/accounts.ts";
import { listOrganisationsOf } from "#db/queries/organisations.ts";
import { isKnownAddress } from "#db/queries/sessions.ts";
import { AppError } from "#root/errors.ts";
import type { Context } from "../trpc.ts";
import { auditAccount } from "./account-audit.ts";
import { refuseEvenly } from "./even-timing.ts";
import { startSession } from "./start-session.ts";
import { sendVerification } from "./verify-email.ts";

/**
 * Signs a browser in with address and password. Unknown, wrong and unconfirmed get one answer and do the same work.
 * @throws AppError UNAUTHENTICATED (`wrong_credentials`), RATE_LIMITED
 */
export const signIn = (ctx: Context, input: { email: string; password: string }): Promise<void> =>
  refuseEvenly(250, () => trySignIn(ctx, input));

async function trySignIn(ctx: Context, input: { email: string; password: string }): Promise<void> {
  const { email } = input;
  const { ip } = ctx.request;
  await ctx.limits.attempt(ip, email, () => ctx.db.withInstance((tx) => isKnownAddress(tx, email, ip)));

  const user = await ctx.db.withInstance((tx) => findUserByEmail(tx, email));
  const { ok, rehash } = await ctx.passwords.verify(user?.passwordHash ?? null, input.password);
  // asked also when there is nobody: the answer takes as long
  const userId = user?.id ?? instanceOrgId;
  const organisations = await ctx.db.withInstance((tx) => listOrganisationsOf(tx, userId), { userId });
  const orgId = organisations[0]?.id ?? null;

  if (!user || !ok || (user.emailVerifiedAt === null && ctx.env.SMTP_URL !== null)) {
    await auditAccount(ctx, orgId, {
      actorId: user?.id ?? null,
      actor: email,
      action: "account.sign_in_failed",
    });
    if (user && ok) await sendVerification(ctx, user);
    throw new AppError(
      "UNAUTHENTICATED",
      "This address and password do not go together, or the address has not been confirmed yet.",
      { reason: "wrong_credentials" },
    );
  }
  await ctx.limits.forgive(ip, email);
  if (rehash) {
    const hash = await ctx.passwords.hash(input.password);
    await ctx.db.withInstance((tx) => setPassword(tx, user.id, hash));
  }
  await startSession(ctx, { userId: user.id, orgId });
  await auditAccount(ctx, orgId, { actorId: user.id, actor: email, action: "account.signed_in" });
}
