import type { StripeObject } from "./collection.ts";

/** How many of an embedded list come along. */
const embedded = 10;

/** Fields that come only where they are asked for. */
const includable: Record<string, readonly string[]> = {
  price: ["tiers", "currency_options"],
  coupon: ["applies_to", "currency_options"],
};

interface Finder {
  find(id: string): StripeObject | null;
}

type Json = Record<string, unknown>;

/** An object as it goes over the wire: prices put in where items name them, ten of an embedded list, and what `expand` asks for. */
export function render(world: Finder, object: StripeObject, expand: readonly (readonly string[])[]): Json {
  return renderFields(world, object, expand);
}

function renderFields(world: Finder, object: Json, expand: readonly (readonly string[])[]): Json {
  const hidden = includable[String(object.object)];
  const rendered: Json = {};
  for (const field of Object.keys(object)) {
    const deeper = expand.filter(([head]) => head === field).map(([, ...rest]) => rest);
    if (hidden?.includes(field) && deeper.length === 0) continue;
    rendered[field] = renderValue(world, object[field], deeper, field);
  }
  // the price of an item is no reference: it is always there
  if (object.object === "subscription_item" && typeof object.price === "string")
    rendered.price = renderReference(
      world,
      object.price,
      expand.filter(([head]) => head === "price").map(([, ...rest]) => rest),
    );
  return rendered;
}

function renderValue(
  world: Finder,
  value: unknown,
  expand: readonly (readonly string[])[],
  field: string,
): unknown {
  if (typeof value === "string") return expand.length > 0 ? renderReference(world, value, expand) : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    if (expand.length === 0 && !value.some((entry) => typeof entry === "object")) return value;
    return value.map((entry) => renderValue(world, entry, expand, field));
  }
  const object = value as Json;
  if (object.object === "list") return renderList(world, object, expand);
  return renderFields(world, object, expand);
}

function renderList(world: Finder, list: Json, expand: readonly (readonly string[])[]): Json {
  const data = list.data as Json[];
  const deeper = expand.filter(([head]) => head === "data").map(([, ...rest]) => rest);
  return {
    ...list,
    data: data.slice(0, embedded).map((entry) => renderFields(world, entry, deeper)),
    has_more: data.length > embedded,
  };
}

function renderReference(world: Finder, id: string, expand: readonly (readonly string[])[]): unknown {
  const object = world.find(id);
  return object ? renderFields(world, object, expand) : id;
}
