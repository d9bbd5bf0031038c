import { newId } from "#db/ids.ts";
import { createUser, findUserByEmail } from "#db/queries/accounts.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { findInvitation } from "#db/queries/invitations.ts";
import { AppError } from "#root/errors.ts";
import { knownAddressMessage } from "../mail/messages.ts";
import type { Context } from "../trpc.ts";
import { auditAccount, mailPerson } from "./account-audit.ts";
import { evenly } from "./even-timing.ts";
import { setUpOrganisation } from "./new-organisation.ts";
import { requireStrongPassword } from "./password-policy.ts";
import { parseOrgSecret } from "./secrets.ts";
import { startSession } from "./start-session.ts";
import { sendVerification } from "./verify-email.ts";

interface SignUp {
  email: string;
  password: string;
  name: string;
  organisation?: string;
  invitation?: string;
}

/**
 * Makes an account and its first organisation. Where mail is sent, the answer is the same for a new and a known
 * address, and the mailed link has to be followed before signing in. Without a mail server nobody could follow it:
 * the browser is signed in at once, and a known address is refused by name.
 * @throws AppError UNPROCESSABLE (`weak_password`), CONFLICT (`email_taken`, only without a mail server), RATE_LIMITED
 */
export async function signUp(ctx: Context, input: SignUp): Promise<{ status: "signed_in" | "check_mail" }> {
  await ctx.limits.signUp(ctx.request.ip);
  requireStrongPassword(input.password, input);
  const mailed = ctx.env.SMTP_URL !== null;
  return evenly(mailed ? 250 : 0, async () => {
    const passwordHash = await ctx.passwords.hash(input.password);
    const made = await createAccount(ctx, input, passwordHash);
    if (!made) {
      if (!mailed)
        throw new AppError("CONFLICT", "This address has an account. Sign in, or set a new password.", {
          reason: "email_taken",
        });
      await mailKnownAddress(ctx, input.email);
      return { status: "check_mail" };
    }
    await sendVerification(ctx, made.user);
    if (mailed) return { status: "check_mail" };
    await startSession(ctx, { userId: made.user.id, orgId: made.orgId });
    return { status: "signed_in" };
  });
}

async function createAccount(ctx: Context, input: SignUp, passwordHash: string) {
  const values = { email: input.email, name: input.name.trim(), passwordHash, verified: false };
  const actor = { actor: input.email, ip: ctx.request.ip };
  if (input.invitation && (await isInvited(ctx, input.invitation, input.email))) {
    const user = await ctx.db.withInstance((tx) => createUser(tx, values));
    if (!user) return null;
    await auditAccount(ctx, null, { ...actor, actorId: user.id, action: "account.created" });
    return { user, orgId: null };
  }
  return ctx.db.withOrg(newId(), async (tx) => {
    const user = await createUser(tx, values);
    if (!user) return null;
    const name = input.organisation?.trim() || firstOrganisationName(input);
    await setUpOrganisation(tx, { name, ownerId: user.id });
    await recordAudit(tx, { ...actor, actorId: user.id, action: "account.created" });
    await recordAudit(tx, { ...actor, actorId: user.id, action: "organisation.created", target: name });
    return { user, orgId: tx.orgId };
  });
}

const firstOrganisationName = ({ name, email }: SignUp): string =>
  `${name.trim() || email.split("@")[0]}’s organisation`.slice(0, 200);

async function isInvited(ctx: Context, token: string, email: string): Promise<boolean> {
  const secret = parseOrgSecret("jvi", token);
  if (!secret) return false;
  const invitation = await ctx.db.withOrg(secret.orgId, (tx) => findInvitation(tx, secret.hash));
  return invitation?.email === email;
}

async function mailKnownAddress(ctx: Context, email: string): Promise<void> {
  if (!(await ctx.limits.mayMail(email))) return;
  const user = await ctx.db.withInstance((tx) => findUserByEmail(tx, email));
  if (user) await mailPerson(ctx, user, knownAddressMessage({ origin: ctx.request.origin }));
}
