import type { StripeObject } from "./collection.ts";
import type { World } from "./world.ts";

/** An account with its two modes, and the accounts connected to it. */
export interface DoubleAccount {
  object: StripeObject;
  live: World;
  test: World;
}

export interface DoubleKey {
  /** What goes into `Authorization`. */
  value: string;
  account: DoubleAccount;
  livemode: boolean;
  /** Collections (and `account`) that it may not read. */
  forbidden: Set<string>;
  revoked: boolean;
}

/** An answer that is no success, as Stripe words it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: Readonly<Record<string, unknown>>,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(String(error.message));
  }
}

/** Names of Stripe's own permissions, where they differ from the singular of the collection. */
const permissionOf: Record<string, string> = {
  prices: "plan",
  subscription_schedules: "subscription",
  subscription_items: "subscription",
  invoice_payments: "invoice",
  refunds: "charge",
  account: "accounts_kyc_basic",
};

const mask = (key: string): string =>
  `${key.slice(0, 8)}${"*".repeat(Math.max(0, key.length - 12))}${key.slice(-4)}`;

/** @throws Refusal 401 or 403 */
export function requireKey(
  keys: ReadonlyMap<string, DoubleKey>,
  authorization: string | undefined,
  resource: string,
): DoubleKey {
  const value = keyOf(authorization);
  if (value === null)
    throw new Refusal(401, {
      type: "invalid_request_error",
      message:
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    });
  const key = keys.get(value);
  if (!key)
    throw new Refusal(401, {
      type: "invalid_request_error",
      message: `Invalid API Key provided: ${mask(value)}`,
    });
  if (key.revoked)
    throw new Refusal(401, {
      type: "invalid_request_error",
      code: "api_key_expired",
      message: `Expired API Key provided: ${mask(value)}`,
    });
  requireAllowed(key, resource);
  return key;
}

/** What is put into an answer has to be allowed too. @throws Refusal 403 */
export function requireExpandable(key: DoubleKey, query: URLSearchParams): void {
  for (const path of query.getAll("expand[]")) if (path.endsWith("coupon")) requireAllowed(key, "coupons");
}

function requireAllowed(key: DoubleKey, resource: string): void {
  if (key.forbidden.has(resource))
    throw new Refusal(403, {
      type: "invalid_request_error",
      message: `The provided key '${mask(key.value)}' does not have the required permissions for this endpoint on account '${key.account.object.id}'. Having the 'rak_${permissionOf[resource] ?? resource.replace(/s$/, "")}_read' permission would allow this request to continue.`,
    });
}

function keyOf(authorization: string | undefined): string | null {
  const [scheme, value] = (authorization ?? "").split(" ");
  if (!value) return null;
  if (scheme === "Bearer") return value;
  return scheme === "Basic" ? Buffer.from(value, "base64").toString("utf8").split(":")[0]! : null;
}
