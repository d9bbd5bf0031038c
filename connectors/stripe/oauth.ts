import { createHash } from "node:crypto";
import { ConnectorError } from "../connector.ts";

/** OAuth 2.0 of Stripe Apps: docs.stripe.com/stripe-apps/api-authentication/oauth. */

export interface StripeApp {
  clientId: string;
  /** The secret key of the account that owns the app. */
  clientSecret: string;
  /** Another host: a proxy, a test double. */
  apiBase: string | null;
}

/** This instance as an app of Stripe's; null where it is not registered as one. */
export function findStripeApp(settings: {
  STRIPE_CLIENT_ID: string | null;
  STRIPE_CLIENT_SECRET: string | null;
  STRIPE_API_BASE: string | null;
}): StripeApp | null {
  const {
    STRIPE_CLIENT_ID: clientId,
    STRIPE_CLIENT_SECRET: clientSecret,
    STRIPE_API_BASE: apiBase,
  } = settings;
  return clientId !== null && clientSecret !== null ? { clientId, clientSecret, apiBase } : null;
}

export interface StripeTokens {
  accessToken: string;
  /** Good once, but for asking the same again: each answer brings another one. */
  refreshToken: string;
  accountId: string;
  livemode: boolean;
  /** Seconds since 1970, by Stripe's clock. */
  expiresAt: number;
}

/** Stripe does not say it in its answer: "access tokens expire in one hour". */
const lifetimeSeconds = 3_600;
const timeoutMs = 20_000;
/** So many failures of one renewal are told again within a day, the wait between them growing. */
const mostTimes = 200;

/** Whose page asks the person: 'https://marketplace.stripe.com'. */
export const authoriseOrigin = ({ apiBase }: StripeApp): string =>
  new URL(apiBase ?? "https://marketplace.stripe.com").origin;

/** Where a person allows the app to read their account. `verifier`: PKCE, kept here, of which Stripe sees the hash only. */
export function authoriseUrl(
  app: StripeApp,
  { state, verifier, redirectUri }: { state: string; verifier: string; redirectUri: string },
): string {
  const url = new URL("/oauth/v2/authorize", authoriseOrigin(app));
  url.search = new URLSearchParams({
    client_id: app.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  return url.href;
}

/** @throws ConnectorError `credentials_refused` when the code is not good (any more) */
export async function exchangeCode(
  app: StripeApp,
  { code, verifier }: { code: string; verifier: string },
  signal: AbortSignal,
): Promise<StripeTokens> {
  const grant = { grant_type: "authorization_code", code };
  const first = await ask(app, { ...grant, code_verifier: verifier }, signal);
  // a server that knows no PKCE says so before it looks at the code; state still binds it to the browser
  const answer =
    first.status === 400 && isUnknown(first.body, "code_verifier") ? await ask(app, grant, signal) : first;
  return tokensOf(answer);
}

/**
 * A refresh token is good once, and an answer may be lost: cut off, or not kept because we stopped right then. It is asked for with a
 * key that the token itself gives, so that whoever asks with it again is told the same again (docs.stripe.com/api/idempotent_requests:
 * for a day).
 * @throws ConnectorError `credentials_refused` when access was taken back
 */
export async function refreshTokens(
  app: StripeApp,
  refreshToken: string,
  signal: AbortSignal,
): Promise<StripeTokens> {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken };
  for (let time = 1; ; time++) {
    const key = createHash("sha256").update(`refresh ${time} ${refreshToken}`).digest("base64url");
    const answer = await ask(app, form, signal, key);
    // a failure is told again as well: asked with the next key, it may be over
    const isOld = answer.isAgain && answer.status !== 200;
    if (!isOld || time === mostTimes) return tokensOf(answer);
  }
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
  /** Seconds since 1970. */
  at: number;
  /** It was given before, for the same key. */
  isAgain: boolean;
}

async function ask(
  app: StripeApp,
  form: Record<string, string>,
  signal: AbortSignal,
  key?: string,
): Promise<Answer> {
  try {
    const response = await fetch(new URL("/v1/oauth/token", app.apiBase ?? "https://api.stripe.com"), {
      method: "POST",
      body: new URLSearchParams(form),
      headers: {
        Authorization: `Basic ${Buffer.from(`${app.clientSecret}:`).toString("base64")}`,
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
      },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const body: unknown = await response.json();
    const date = Date.parse(response.headers.get("date") ?? "");
    return {
      status: response.status,
      body: typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {},
      at: Math.floor((Number.isNaN(date) ? Date.now() : date) / 1_000),
      isAgain: response.headers.get("idempotent-replayed") === "true",
    };
  } catch (cause) {
    throw new ConnectorError("unavailable", "Stripe could not be reached. Try again in a moment.", { cause });
  }
}

const isUnknown = (body: Record<string, unknown>, parameter: string): boolean =>
  JSON.stringify(body).includes(parameter);

function tokensOf({ status, body, at }: Answer): StripeTokens {
  // 409: somebody asks with the same key right now
  if (status === 409 || status === 429 || status >= 500)
    throw new ConnectorError("unavailable", "Stripe is not well. Try again in a moment.");
  if (status !== 200)
    throw new ConnectorError("credentials_refused", "Stripe did not accept this. Connect the account again.");
  const { access_token, refresh_token, stripe_user_id, livemode, expires_in } = body;
  if (
    typeof access_token !== "string" ||
    typeof refresh_token !== "string" ||
    typeof stripe_user_id !== "string" ||
    typeof livemode !== "boolean"
  )
    throw new ConnectorError("unexpected", "Stripe answered in a way that it does not document.");
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    accountId: stripe_user_id,
    livemode,
    expiresAt: at + (typeof expires_in === "number" ? expires_in : lifetimeSeconds),
  };
}
