import type { InstanceTx } from "#db/database.ts";
import { createSession, deleteSession, rotateSession } from "#db/queries/sessions.ts";
import type { Context } from "../trpc.ts";
import { hashSecret, newSecret } from "./secrets.ts";

/**
 * Signs the browser of this request in, under a fresh secret: one that was planted before means nothing. The session
 * that it had ends.
 */
export async function startSession(
  ctx: Context,
  values: { userId: string; orgId: string | null; apiTokenId?: string },
): Promise<void> {
  const secret = newSecret();
  await ctx.db.withInstance(async (tx) => {
    if (ctx.principal?.sessionId) await deleteSession(tx, ctx.principal.sessionId);
    await createSession(tx, {
      tokenHash: hashSecret(secret),
      userId: values.userId,
      orgId: values.orgId,
      apiTokenId: values.apiTokenId ?? null,
      userAgent: ctx.request.userAgent.slice(0, 300),
      ip: ctx.request.ip,
    });
  });
  ctx.setSessionCookie(secret);
}

/** The same session under a new secret, which is returned. */
export async function renewSession(tx: InstanceTx, sessionId: string, orgId: string | null): Promise<string> {
  const secret = newSecret();
  await rotateSession(tx, sessionId, hashSecret(secret), orgId);
  return secret;
}
