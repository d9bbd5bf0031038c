import { ConnectorError } from "#connectors/connector.ts";
import { findStripeApp, refreshTokens } from "#connectors/stripe/oauth.ts";
import { openCredentials, type StoredCredentials, sealCredentials } from "#db/queries/source-credentials.ts";
import { renewCredentials, type SourceRow } from "#db/queries/sources.ts";
import type { WorkerDeps } from "../task.ts";

/** A token that would end in the middle of a long page is renewed before. */
const marginSeconds = 300;

/**
 * What opens the vendor's door right now: a pasted key as it is, a token of OAuth renewed when it is about to end. Asks the vendor:
 * never inside a transaction, and for one source never twice at once (its jobs share a queue): each refresh token is good once. Killed
 * between the answer and its being kept, the next run asks with the same token, and Stripe gives the same answer again.
 * @throws ConnectorError `credentials_refused` when access was taken back; AppError `secret_unreadable`
 */
export async function freshCredentials(
  { db, env, secrets }: Pick<WorkerDeps, "db" | "env" | "secrets">,
  orgId: string,
  row: Pick<SourceRow, "id" | "credentials">,
  signal: AbortSignal,
): Promise<StoredCredentials> {
  const held = await db.withOrg(orgId, (tx) => openCredentials(tx, secrets, row));
  if (!held.oauth || held.oauth.expiresAt - marginSeconds > Date.now() / 1_000) return held;
  const app = findStripeApp(env);
  if (!app)
    throw new ConnectorError(
      "credentials_refused",
      "This source was connected through Stripe, and this instance is not registered there any more. Give it a key.",
    );
  const tokens = await refreshTokens(app, held.oauth.refreshToken, signal);
  const fresh = {
    apiKey: tokens.accessToken,
    oauth: { refreshToken: tokens.refreshToken, expiresAt: tokens.expiresAt },
  };
  await db.withOrg(orgId, async (tx) =>
    renewCredentials(tx, row, await sealCredentials(tx, secrets, row.id, fresh)),
  );
  return fresh;
}
