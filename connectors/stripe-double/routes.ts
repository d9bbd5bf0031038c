import type { Slice, StripeObject } from "./collection.ts";
import { Refusal } from "./keys.ts";
import { render } from "./render.ts";
import { type CollectionName, isCollection, type World } from "./world.ts";

/** Parameters of a list that are compared with the field of the same name. */
const filters: Partial<Record<CollectionName, readonly string[]>> = {
  prices: ["active", "product", "currency", "type"],
  products: ["active"],
  tax_rates: ["active", "inclusive"],
  promotion_codes: ["active", "code"],
  customers: ["email"],
  subscriptions: ["customer", "collection_method"],
  subscription_schedules: ["customer"],
  invoices: ["customer", "status", "collection_method"],
  invoice_payments: ["invoice", "status"],
  charges: ["customer", "payment_intent"],
  refunds: ["charge", "payment_intent"],
  credit_notes: ["customer", "invoice"],
  events: ["type"],
};
const paging = ["limit", "starting_after", "ending_before", "expand[]", "created"];

/** The JSON of an answer. @throws Refusal */
export function answer(world: World, path: string, given: URLSearchParams): string {
  // the SDK numbers what stands in an array
  const query = new URLSearchParams(
    [...given].map(([name, value]) => [name.replace(/\[\d+\]$/, "[]"), value]),
  );
  const parts = path
    .replace(/^\/v1\//, "")
    .split("/")
    .map(decodeURIComponent);
  const [resource = "", id, nested] = parts;
  if (resource === "account" && parts.length === 1) return JSON.stringify(world.account);
  if (resource === "balance" && parts.length === 1)
    return JSON.stringify({ object: "balance", available: [], livemode: world.livemode, pending: [] });
  if (resource === "subscription_items" && id === undefined) return itemsOf(world, path, query);
  if (resource === "invoices" && id !== undefined && nested === "lines" && parts.length === 3)
    return part(world, path, query, (required(world, "invoices", id).lines as { data: StripeObject[] }).data);
  if (isCollection(resource) && resource !== "discounts") {
    if (id === undefined) return list(world, resource, path, query);
    if (nested === undefined) return one(world, resource, id, query);
  }
  throw new Refusal(404, {
    type: "invalid_request_error",
    message: `Unrecognized request URL (GET: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
  });
}

function list(world: World, name: CollectionName, path: string, query: URLSearchParams): string {
  const equal = filters[name] ?? [];
  const special =
    name === "subscriptions"
      ? ["status", "price"]
      : name === "invoices"
        ? ["subscription"]
        : name === "events"
          ? ["types[]"]
          : [];
  for (const parameter of query.keys())
    if (
      ![...paging, ...equal, ...special].includes(parameter) &&
      !/^created\[(gt|gte|lt|lte)\]$/.test(parameter)
    )
      throw invalid(`Received unknown parameter: ${parameter}`, parameter, "parameter_unknown");
  const page = world.collections[name].page({
    ...slice(query),
    keep: (object) => keeps(name, object, query, equal),
  });
  if (!page)
    throw missing(
      name,
      query.get("starting_after") ?? query.get("ending_before") ?? "",
      query.has("starting_after") ? "starting_after" : "ending_before",
      400,
    );
  const expand = expansions(query, true);
  return listText(
    path,
    page.hasMore,
    page.data.map((object) => text(world, object, expand)),
  );
}

function keeps(
  name: CollectionName,
  object: StripeObject,
  query: URLSearchParams,
  equal: readonly string[],
): boolean {
  for (const field of equal) {
    const wanted = query.get(field);
    // prices alone are only the active ones unless one asks for the others
    if (wanted === null && !(name === "prices" && field === "active")) continue;
    if (String(object[field]) !== (wanted ?? "true")) return false;
  }
  const types = query.getAll("types[]");
  if (types.length > 0 && !types.includes(String(object.type))) return false;
  const subscription = query.get("subscription");
  if (subscription !== null && subscriptionOf(object) !== subscription) return false;
  return name !== "subscriptions" || hasStatus(object, query.get("status"));
}

function hasStatus(subscription: StripeObject, wanted: string | null): boolean {
  const status = subscription.status;
  if (wanted === "all") return true;
  if (wanted === "ended") return status === "canceled" || status === "incomplete_expired";
  return wanted === null ? status !== "canceled" : status === wanted;
}

function subscriptionOf(invoice: StripeObject): unknown {
  const parent = invoice.parent as { subscription_details?: { subscription?: unknown } | null } | null;
  return parent?.subscription_details?.subscription;
}

function one(world: World, name: CollectionName, id: string, query: URLSearchParams): string {
  if (name === "customers" && world.collections.customers.deleted(id))
    return JSON.stringify({ id, object: "customer", deleted: true });
  return text(world, required(world, name, id), expansions(query, false));
}

function itemsOf(world: World, path: string, query: URLSearchParams): string {
  const id = query.get("subscription");
  if (id === null)
    throw invalid("Missing required param: subscription.", "subscription", "parameter_missing");
  const subscription = required(world, "subscriptions", id);
  return part(world, path, query, (subscription.items as { data: StripeObject[] }).data);
}

/** A page of an embedded list, in its own order. */
function part(world: World, path: string, query: URLSearchParams, all: readonly StripeObject[]): string {
  const { limit, startingAfter } = slice(query);
  const from = startingAfter === null ? 0 : all.findIndex(({ id }) => id === startingAfter) + 1;
  if (startingAfter !== null && from === 0)
    throw missing("subscriptions", startingAfter, "starting_after", 400);
  const expand = expansions(query, true);
  const data = all.slice(from, from + limit).map((object) => text(world, object, expand));
  return listText(path, from + limit < all.length, data);
}

const listText = (path: string, hasMore: boolean, data: readonly string[]): string =>
  `{"object":"list","data":[${data.join(",")}],"has_more":${hasMore},"url":${JSON.stringify(path)}}`;

/** Texts of objects that did not change, so that the double is no slower than the wire it stands for. */
const texts = new WeakMap<StripeObject, Map<string, { made: string; revision: number }>>();

function text(world: World, object: StripeObject, expand: string[][]): string {
  const key = expand.map((path) => path.join(".")).join();
  const known = texts.get(object) ?? new Map<string, { made: string; revision: number }>();
  const found = known.get(key);
  if (found?.revision === world.revision) return found.made;
  const made = JSON.stringify(render(world, object, expand));
  texts.set(object, known.set(key, { made, revision: world.revision }));
  return made;
}

function slice(query: URLSearchParams): Omit<Slice, "keep"> {
  const limit = Number(query.get("limit") ?? "10");
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw invalid(`Invalid integer: ${query.get("limit")}`, "limit", "parameter_invalid_integer");
  const bound = (name: string) => {
    const value = query.get(`created[${name}]`);
    return value === null ? undefined : Number(value);
  };
  const exactly = query.get("created");
  const created = { gt: bound("gt"), gte: bound("gte"), lt: bound("lt"), lte: bound("lte") };
  return {
    limit,
    startingAfter: query.get("starting_after"),
    endingBefore: query.get("ending_before"),
    created: exactly === null ? created : { gte: Number(exactly), lte: Number(exactly) },
  };
}

function expansions(query: URLSearchParams, isList: boolean): string[][] {
  return query.getAll("expand[]").map((path) => {
    const parts = path.split(".");
    if (parts.length > 4) throw invalid("You cannot expand more than 4 levels of a property", "expand", null);
    if (!isList) return parts;
    if (parts[0] !== "data")
      throw invalid(
        `This property cannot be expanded (${path}). You may want to try expanding 'data.${path}' instead.`,
        "expand",
        null,
      );
    return parts.slice(1);
  });
}

function required(world: World, name: CollectionName, id: string): StripeObject {
  const object = world.collections[name].get(id);
  if (!object) throw missing(name, id, "id", 404);
  return object;
}

const missing = (name: CollectionName, id: string, param: string, status: number): Refusal =>
  new Refusal(status, {
    type: "invalid_request_error",
    code: "resource_missing",
    param,
    message: `No such ${name.replace(/s$/, "").replaceAll("_", " ")}: '${id}'`,
  });

const invalid = (message: string, param: string, code: string | null): Refusal =>
  new Refusal(400, { type: "invalid_request_error", message, param, ...(code ? { code } : {}) });
