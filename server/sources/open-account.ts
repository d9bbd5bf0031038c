import { type Checked, ConnectorError, type ConnectorFault } from "#connectors/connector.ts";
import { connectors } from "#connectors/registry.ts";
import type { SourceKind } from "#contracts/sources.ts";
import type { Env } from "#root/env.ts";
import { AppError, type ErrorCode } from "#root/errors.ts";

const patienceMs = 45_000;

/** What each fault of a vendor is to whoever asked; a new one does not compile without a meaning. */
const meaning = {
  credentials_refused: { code: "UNPROCESSABLE", reason: "credentials_refused" },
  forbidden: { code: "UNPROCESSABLE", reason: "credentials_refused" },
  rate_limited: { code: "UNAVAILABLE", reason: "vendor_busy" },
  unavailable: { code: "UNAVAILABLE", reason: "vendor_unavailable" },
  unexpected: { code: "UNAVAILABLE", reason: "vendor_unexpected" },
} satisfies Record<ConnectorFault, { code: ErrorCode; reason: string }>;

/**
 * Which account a key opens, and what it may read there. Asks the vendor: never inside a transaction.
 * @throws AppError UNPROCESSABLE `credentials_refused`; UNAVAILABLE
 */
export async function openAccount(
  env: Env,
  given: { kind: SourceKind; apiKey: string; account: string | null },
): Promise<Checked> {
  requireKeyForm(given.apiKey);
  const connection = connectors[given.kind].connect({
    credentials: { apiKey: given.apiKey },
    account: given.account,
    apiBase: env.STRIPE_API_BASE,
    limited: env.LIMITS.sourcesLimited,
  });
  try {
    return await connection.check(AbortSignal.timeout(patienceMs));
  } catch (error) {
    throw asFailure(error);
  }
}

/** A vendor's fault in our own words and codes; anything else as it is. */
export function asFailure(error: unknown): unknown {
  if (!(error instanceof ConnectorError)) return error;
  const { code, reason } = meaning[error.fault];
  const wait = error.extra.retryAfterMs;
  return new AppError(code, error.message, {
    reason,
    cause: error,
    ...(wait === undefined ? {} : { retryAfterSeconds: Math.ceil(wait / 1_000) }),
  });
}

/** What is plainly not a key to read with is not sent anywhere. */
function requireKeyForm(apiKey: string): void {
  const refuse = (message: string) =>
    new AppError("UNPROCESSABLE", message, { reason: "credentials_refused" });
  if (apiKey.startsWith("pk_"))
    throw refuse("This is a publishable key, which reads nothing. Paste a restricted key (rk_…).");
  if (apiKey.startsWith("whsec_"))
    throw refuse("This is a webhook’s signing secret. Paste a restricted key (rk_…) here.");
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw refuse("This is not a Stripe key: it has characters that no key has.");
}
