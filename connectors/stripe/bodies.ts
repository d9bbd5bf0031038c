import type { RawObject } from "#contracts/source-facts.ts";
import { ConnectorError } from "../connector.ts";
import type { Body, StripeStream } from "./streams.ts";

/** Belong to nobody, whatever they name. */
const shared = new Set(["products", "prices", "tax_rates", "coupons", "promotion_codes"]);

/** @throws ConnectorError `unexpected` */
export function rawObject(stream: StripeStream, body: Body): RawObject {
  const id = idOf(body);
  if (id === null) throw notPromised(stream.label);
  return {
    stream: stream.name,
    id,
    customerId: customerOf(stream.name, body),
    parentId: stream.parent === undefined ? null : idOf(body[stream.parent]),
    body,
    deleted: body.deleted === true,
  };
}

/** The customer that an object of this stream belongs to. */
export function customerOf(stream: string, body: Body): string | null {
  if (stream === "customers") return idOf(body);
  return shared.has(stream) ? null : idOf(body.customer);
}

/** Of an object, or of a reference to one, put in or not. */
export function idOf(value: unknown): string | null {
  const id = typeof value === "object" && value !== null ? (value as Body).id : value;
  return typeof id === "string" && id !== "" ? id : null;
}

/** @throws ConnectorError `unexpected` */
export function listOf(body: Body, what: string): { data: Body[]; hasMore: boolean } {
  if (!Array.isArray(body.data) || typeof body.has_more !== "boolean") throw notPromised(what);
  return { data: body.data as Body[], hasMore: body.has_more };
}

export const notPromised = (what: string): ConnectorError =>
  new ConnectorError("unexpected", `Stripe answered with something else than ${what.toLowerCase()}.`);
