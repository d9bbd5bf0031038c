import type { StoredObject } from "#connectors/connector.ts";
import type { CustomerFact } from "#contracts/source-facts.ts";
import { instantOf } from "./calendar.ts";
import { decimal, type Json, record, seconds, text } from "./json.ts";

/** What Stripe says of a customer. */

const countryOf = (body: Json): string | null => {
  const given = text(record(body.address)?.country) ?? text(record(record(body.shipping)?.address)?.country);
  return given !== null && /^[A-Za-z]{2}$/.test(given) ? given.toUpperCase() : null;
};

function attributesOf(body: Json): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(record(body.metadata) ?? {})) {
    const words = text(value) ?? decimal(value);
    if (key !== "" && words !== null) found[key] = words;
  }
  return found;
}

/**
 * A deleted customer's object says nothing any more: what was known before, and what its invoices were addressed to, stays.
 * @param bodies of the customer, the newest first
 * @param invoices newest first
 */
export function readCustomer(
  externalId: string,
  bodies: readonly Pick<StoredObject, "body" | "deleted">[],
  invoices: readonly Json[],
): CustomerFact {
  const deleted = bodies[0] !== undefined && (bodies[0].deleted || bodies[0].body.deleted === true);
  const body: Json = bodies.find((known) => seconds(known.body.created) !== null)?.body ?? {};
  const addressed = invoices.find((invoice) => text(invoice.customer_name) ?? text(invoice.customer_email));
  const createdAt = seconds(body.created);
  return {
    externalId,
    name: text(body.name) ?? text(addressed?.customer_name),
    email: text(body.email) ?? text(addressed?.customer_email),
    country: countryOf(body),
    signedUpAt: createdAt === null ? null : instantOf(createdAt),
    attributes: attributesOf(body),
    deleted,
  };
}
