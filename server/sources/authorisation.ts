import {
  authoriseUrl,
  exchangeCode,
  findStripeApp,
  type StripeApp,
  type StripeTokens,
} from "#connectors/stripe/oauth.ts";
import { can } from "#contracts/permissions.ts";
import type { SourceKind } from "#contracts/sources.ts";
import { newId } from "#db/ids.ts";
import {
  authorisationPlace,
  createAuthorisation,
  takeAuthorisation,
} from "#db/queries/source-authorisations.ts";
import { findSourceOfAccount } from "#db/queries/sources.ts";
import type { Env } from "#root/env.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "../auth/account-audit.ts";
import { hashSecret, newOrgSecret, newSecret, parseOrgSecret } from "../auth/secrets.ts";
import type { Context, Principal } from "../trpc.ts";
import { accountOf, connectSource, reopenSource } from "./connect-source.ts";
import { asFailure, openAccount } from "./open-account.ts";

export const callbackPath = "/oauth/stripe/callback";
const patienceMs = 30_000;

export const isOAuthConfigured = (env: Env): boolean => findStripeApp(env) !== null;

function requireApp(env: Env): StripeApp {
  const app = findStripeApp(env);
  if (!app)
    throw new AppError(
      "UNPROCESSABLE",
      "This instance is not registered with Stripe. Paste a restricted key instead.",
      { reason: "oauth_not_configured" },
    );
  return app;
}

/** Who may connect, and in which browser session: both must be the same on the way back. */
function requireConnector({ principal }: Pick<Context, "principal">): Principal & {
  org: NonNullable<Principal["org"]>;
  sessionId: string;
} {
  if (!principal) throw new AppError("UNAUTHENTICATED", "Sign in first.");
  const { org, sessionId } = principal;
  if (!org)
    throw new AppError("FORBIDDEN", "Choose or create an organisation first.", { reason: "no_organisation" });
  if (!can(org.role, "sources.manage"))
    throw new AppError("FORBIDDEN", `Your role (${org.role}) does not allow this.`, {
      details: { action: "sources.manage" },
    });
  if (!sessionId)
    throw new AppError("FORBIDDEN", "This way of connecting needs a browser.", {
      reason: "session_required",
    });
  return { ...principal, org, sessionId };
}

/** @returns where to send the browser: Stripe's page, which sends it back to `callbackPath` */
export async function beginAuthorisation(
  ctx: Context,
  { kind, name }: { kind: SourceKind; name: string },
): Promise<{ url: string }> {
  const { org, sessionId } = requireConnector(ctx);
  const app = requireApp(ctx.env);
  const state = newOrgSecret("jvs", org.id);
  const verifier = newSecret();
  const id = newId();
  await ctx.db.withOrg(org.id, async (tx) =>
    createAuthorisation(tx, {
      ...{ id, kind, name, sessionId, stateHash: hashSecret(state) },
      verifier: await ctx.secrets.seal(tx, authorisationPlace(id), verifier),
    }),
  );
  return { url: authoriseUrl(app, { state, verifier, redirectUri: `${ctx.request.origin}${callbackPath}` }) };
}

const expired = () =>
  new AppError("GONE", "This attempt to connect is over. Begin again.", { reason: "authorisation_expired" });

/**
 * The browser came back with a code. The state is good once, within minutes, for the session that began.
 * @returns the id of the source that is connected now
 * @throws AppError GONE `authorisation_expired`, UNPROCESSABLE `credentials_refused`, CONFLICT `source_exists`, UNAVAILABLE
 */
export async function finishAuthorisation(
  ctx: Context,
  given: { state: string; code: string },
): Promise<string> {
  const principal = requireConnector(ctx);
  const app = requireApp(ctx.env);
  const state = parseOrgSecret("jvs", given.state);
  if (!state || state.orgId !== principal.org.id) throw expired();
  const attempt = await ctx.db.withOrg(state.orgId, async (tx) => {
    const taken = await takeAuthorisation(tx, state.hash, principal.sessionId);
    if (!taken) return null;
    const verifier = await ctx.secrets.open(tx, authorisationPlace(taken.id), taken.verifier);
    return { ...taken, verifier };
  });
  if (!attempt) throw expired();
  const tokens = await exchange(app, { code: given.code, verifier: attempt.verifier });
  const checked = await openAccount(ctx.env, {
    kind: attempt.kind,
    apiKey: tokens.accessToken,
    account: null,
  });
  if (checked.account.id !== tokens.accountId)
    throw new AppError("UNPROCESSABLE", "Stripe named one account and opened another. Begin again.", {
      reason: "credentials_refused",
    });
  const allowed = {
    ...{ kind: attempt.kind, name: attempt.name, checked, options: {}, keyHint: null },
    credentials: {
      apiKey: tokens.accessToken,
      oauth: { refreshToken: tokens.refreshToken, expiresAt: tokens.expiresAt },
    },
    actor: actorOf({ principal, request: ctx.request }),
  };
  const row = await ctx.db.withOrg(state.orgId, async (tx) => {
    const known = await findSourceOfAccount(tx, attempt.kind, accountOf(checked));
    // allowed again after access was taken back: the same source goes on. One that a key opens keeps its key
    const isRenewal = known?.disconnected === null && (known.keyHint === null || known.status === "error");
    return isRenewal
      ? reopenSource(tx, ctx.secrets, known.id, allowed)
      : connectSource(tx, ctx.secrets, allowed);
  });
  return row.id;
}

async function exchange(app: StripeApp, given: { code: string; verifier: string }): Promise<StripeTokens> {
  try {
    return await exchangeCode(app, given, AbortSignal.timeout(patienceMs));
  } catch (error) {
    throw asFailure(error);
  }
}
