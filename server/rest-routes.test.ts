import { describe, expect, test } from "vitest";
import { z } from "zod";
import { matchRoute, queryInput, type RestRoute, restRoutes } from "./rest-routes.ts";
import { publicProcedure, router } from "./trpc.ts";

const answer = z.object({});
const get = (path: `/${string}`) => publicProcedure.meta({ openapi: { method: "GET", path } }).output(answer);
const things = router({
  one: get("/things/{id}")
    .input(z.object({ id: z.string() }))
    .query(() => ({})),
  special: get("/things/special")
    .input(z.object({}))
    .query(() => ({})),
  list: get("/things")
    .input(
      z.object({
        limit: z.number().optional(),
        deep: z.boolean().default(false),
        names: z.array(z.string()).optional(),
        title: z.string().optional(),
      }),
    )
    .query(() => ({})),
});
const routes = restRoutes(things);
const named = (name: string): RestRoute => routes.find((route) => route.name === name)!;

describe("an address", () => {
  test("finds its procedure, a fixed word before a parameter", () => {
    expect(matchRoute(routes, "GET", "/things/special")).toMatchObject({ route: { name: "special" } });
    expect(matchRoute(routes, "GET", "/things/7")).toMatchObject({
      route: { name: "one" },
      params: { id: "7" },
    });
  });

  test("may hold an encoded slash in an id, and anything else that an id holds", () => {
    expect(matchRoute(routes, "GET", "/things/a%2Fb%20%C3%A9%25")).toMatchObject({
      params: { id: "a/b é%" },
    });
  });

  test("with a broken encoding is refused", () => {
    expect(() => matchRoute(routes, "GET", "/things/%zz")).toThrow(/percent/);
  });

  test("that nothing answers is unknown, one that answers otherwise names the ways", () => {
    expect(matchRoute(routes, "GET", "/other")).toEqual({ kind: "unknown" });
    expect(matchRoute(routes, "GET", "/things//")).toMatchObject({ route: { name: "list" } });
    expect(matchRoute(routes, "DELETE", "/things")).toEqual({ kind: "wrong_method", allowed: ["GET"] });
  });
});

describe("a query string", () => {
  test("becomes numbers, booleans and lists where the procedure wants them", () => {
    expect(queryInput(named("list"), "limit=5&deep=true&names=a&title=5")).toEqual({
      limit: 5,
      deep: true,
      names: ["a"],
      title: "5",
    });
  });

  test("that is no number stays text, for the procedure to refuse", () => {
    expect(queryInput(named("list"), "limit=many")).toEqual({ limit: "many" });
  });

  test("collects filters: twice is either value, empty is those that have none", () => {
    expect(
      queryInput(named("list"), "filter.plan=a&filter.plan=b%20c&filter.country=&filter.attr.x.y=1&title="),
    ).toEqual({
      filter: { plan: ["a", "b c"], country: [""], "attr.x.y": ["1"] },
    });
  });

  test("cannot reach a prototype", () => {
    queryInput(named("list"), "__proto__=1&constructor=3");
    expect(() => queryInput(named("list"), "filter.__proto__=2")).toThrow("no filter __proto__");
    expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
    expect(Object.keys({})).toEqual([]);
  });
});

test("two procedures cannot claim one address", () => {
  const twice = router({
    a: get("/x/{id}")
      .input(z.object({ id: z.string() }))
      .query(() => ({})),
    b: get("/x/{other}")
      .input(z.object({ other: z.string() }))
      .query(() => ({})),
  });
  expect(() => restRoutes(twice)).toThrow(/claim/);
});
