import type { AnyTRPCProcedure, AnyTRPCRouter, TRPCProcedureType } from "@trpc/server";
import { z } from "zod";
import { AppError } from "#root/errors.ts";
import type { RestMeta } from "./trpc.ts";

/** A procedure's REST face: how it is addressed, and how its input is put together from path, query and body. */
export interface RestRoute {
  method: string;
  /** `["customers", "{id}"]` */
  segments: string[];
  /** The procedure's name in the router, `analytics.customer`. */
  name: string;
  type: TRPCProcedureType;
  status: number;
  /** Input key → what its schema wants from a text. */
  kinds: Map<string, Kind>;
}

type Kind = "number" | "boolean" | "array" | "other";

/** Every procedure of a router by its whole name, `analytics.customer`. */
export const proceduresOf = (router: AnyTRPCRouter): Record<string, AnyTRPCProcedure> =>
  router._def.procedures;

/** All routes of a router; fixed segments come before parameters. @throws Error when two claim one address */
export function restRoutes(router: AnyTRPCRouter): RestRoute[] {
  const routes = Object.entries(proceduresOf(router)).flatMap(([name, procedure]): RestRoute[] => {
    const meta = procedure._def.meta as RestMeta | undefined;
    if (!meta?.openapi) return [];
    const { method, path } = meta.openapi;
    return [
      {
        method,
        segments: path.split("/").slice(1),
        name,
        type: procedure._def.type,
        status: meta.status ?? 200,
        kinds: inputKinds(procedure),
      },
    ];
  });
  const seen = new Set<string>();
  for (const { method, segments } of routes) {
    const address = `${method} /${segments.join("/").replace(/\{[^}]*\}/g, "{}")}`;
    if (seen.has(address)) throw new Error(`Two procedures claim ${address}`);
    seen.add(address);
  }
  const parameters = (route: RestRoute) => route.segments.filter(isParameter).length;
  return routes.sort((a, b) => parameters(a) - parameters(b));
}

const isParameter = (segment: string) => segment.startsWith("{");

export type Match =
  | { kind: "found"; route: RestRoute; params: Record<string, string> }
  | { kind: "wrong_method"; allowed: string[] }
  | { kind: "unknown" };

/** Finds the route of a path that is still percent-encoded: an id may hold an encoded slash. */
export function matchRoute(routes: RestRoute[], method: string, path: string): Match {
  const given = path.replace(/\/+$/, "").split("/").slice(1);
  const fitting = routes.filter(
    ({ segments }) =>
      segments.length === given.length &&
      segments.every((segment, i) => (isParameter(segment) ? given[i] !== "" : segment === given[i])),
  );
  const route = fitting.find((candidate) => candidate.method === method);
  if (!route)
    return fitting.length > 0
      ? { kind: "wrong_method", allowed: [...new Set(fitting.map((candidate) => candidate.method))] }
      : { kind: "unknown" };
  const params = Object.fromEntries(
    route.segments.flatMap((segment, i) =>
      isParameter(segment) ? [[segment.slice(1, -1), decode(given[i] ?? "")]] : [],
    ),
  );
  return { kind: "found", route, params };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppError("BAD_REQUEST", "The path holds a broken percent-encoding.");
  }
}

/**
 * A query string as a procedure's input. `filter.KEY=value` collects in `filter`, given twice it is either value; an
 * empty value is "not set".
 */
export function queryInput(route: RestRoute, query: string): Record<string, unknown> {
  const filter = new Map<string, string[]>();
  const values = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(query)) {
    // of a filter, an empty value asks for what has none
    if (value === "" && !key.startsWith("filter.")) continue;
    const [place, name] = key.startsWith("filter.") ? [filter, key.slice(7)] : [values, key];
    // schemas pass it over: numbers of everybody would answer a question about some
    if (place === filter && name === "__proto__")
      throw new AppError("BAD_REQUEST", "There is no filter __proto__.", { reason: "invalid_input" });
    place.set(name, [...(place.get(name) ?? []), value]);
  }
  const input: Record<string, unknown> = Object.create(null);
  for (const [key, given] of values) input[key] = coerce(route.kinds.get(key) ?? "other", given);
  if (filter.size > 0) input.filter = Object.assign(Object.create(null), Object.fromEntries(filter));
  return { ...input };
}

function coerce(kind: Kind, given: string[]): unknown {
  if (kind === "array" || given.length > 1) return given;
  const [text = ""] = given;
  if (kind === "number" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

function inputKinds(procedure: AnyTRPCProcedure): Map<string, Kind> {
  const { inputs } = procedure._def as { inputs?: unknown[] };
  const kinds = new Map<string, Kind>();
  for (const input of inputs ?? []) {
    const schema = unwrap(input);
    if (!(schema instanceof z.ZodObject)) continue;
    for (const [key, field] of Object.entries(schema.shape)) kinds.set(key, kindOf(unwrap(field)));
  }
  return kinds;
}

function kindOf(schema: unknown): Kind {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  return schema instanceof z.ZodArray ? "array" : "other";
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}
