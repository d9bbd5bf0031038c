import Stripe from "stripe";
import { ConnectorError } from "../connector.ts";

/** What an error of the SDK means for whoever asked. */
export type Failure =
  | { kind: "missing"; param: string | null; headers: Readonly<Record<string, string | undefined>> }
  | { kind: "busy"; retryAfterMs: number | null }
  | { kind: "passing" }
  | { kind: "final"; error: ConnectorError };

/** @param asked '/v1/customers': what was asked for, in the reader's words later */
export function failureOf(error: unknown, asked: string): Failure {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const { statusCode: status, code } = error;
  if (status === 429 || code === "rate_limit" || code === "lock_timeout")
    return { kind: "busy", retryAfterMs: retryAfterMs(error.headers?.["retry-after"]) };
  if (code === "resource_missing" || status === 404)
    return { kind: "missing", param: error.param ?? null, headers: error.headers ?? {} };
  // no status: the wire failed, or what came was no JSON (a proxy's page)
  if (status === undefined || status >= 500 || status === 409 || status === 408) return { kind: "passing" };
  return { kind: "final", error: finalOf(error, status, code, asked) };
}

function finalOf(
  error: Stripe.errors.StripeError,
  status: number,
  code: string | undefined,
  asked: string,
): ConnectorError {
  if (status === 401)
    return new ConnectorError(
      "credentials_refused",
      code === "api_key_expired"
        ? "Stripe says that this key has expired. Make a new one in Stripe and give it to this source."
        : "Stripe does not know this key. It may have been mistyped, or deleted in Stripe.",
    );
  if (code === "account_invalid" || code === "platform_account_required")
    return new ConnectorError(
      "credentials_refused",
      "This key has no access to the connected account that was named.",
    );
  if (status === 403)
    return new ConnectorError("forbidden", `The key may not read ${asked}.`, {
      cause: withoutKeys(error.message),
    });
  return new ConnectorError(
    "unexpected",
    `Stripe did not understand the question for ${asked}: ${withoutKeys(error.message)}`,
  );
}

/** Stripe masks keys where it repeats them; whoever stands in for it may not. */
export const withoutKeys = (text: string): string =>
  text.replace(/\b(sk|rk|pk|whsec|ak)_[^\s'"]+/g, "$1_…").slice(0, 300);

/** Seconds, or a date. */
function retryAfterMs(value: string | undefined): number | null {
  if (value === undefined) return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
