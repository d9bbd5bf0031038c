import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeCursor } from "#db/cursor.ts";
import { restRoutes } from "./rest-routes.ts";
import { appRouter } from "./router.ts";
import { startTestRest, type TestRest } from "./testing-rest.ts";

let rest: TestRest;
let owner: string;
beforeAll(async () => {
  rest = await startTestRest();
  owner = await rest.tokenOf("owner");
});
afterAll(() => rest.close());

const lists = restRoutes(appRouter)
  .filter(
    ({ method, kinds, segments }) => method === "GET" && kinds.has("cursor") && !/\{/.test(segments.join()),
  )
  .map(({ segments }) => `/${segments.join("/")}`);

/** As other lists give them out, and as nobody does. */
const foreign: readonly (readonly (string | number)[])[] = [
  [7],
  ["7"],
  ["01a208d0-d8d5-7bc4-8456-f654b13f5134"],
  ["2026-04"],
  ["ann@a.example"],
  ["x\u0000y"],
  ["2026-04-01", "5"],
  ["2026-02-30", "5"],
  ["01a208d0-d8d5-7bc4-8456-f654b13f5134", "2026-04"],
  ["2026-04-01 12:00:00+00", "01a208d0-d8d5-7bc4-8456-f654b13f5134"],
  ["2026-04-01", "5", 1],
  ["1200", "c-1", "2400"],
  ["1200", "c-1\u0000", "2400"],
  ["1e400", "c-1", "NaN"],
  ["9".repeat(60), "9".repeat(60), "9".repeat(60)],
  ["-size", "1", "1", "2026-04-01", 1, ""],
];
/** What a list cannot be asked without. */
const required: Readonly<Record<string, string>> = { "/explain": "metric=mrr&period=2026-01&" };

const ask = (path: string, cursor: string) =>
  rest.call("GET", `${path}?${required[path] ?? ""}cursor=${cursor}`, undefined, owner);

describe("a list", () => {
  test.each(lists)("%s takes its own cursors only, and says so", async (path) => {
    for (const key of foreign) {
      const { status, body } = await ask(path, encodeCursor(key));
      const seen = { key, status, code: body.error?.code };
      expect([200, 400], JSON.stringify(seen)).toContain(status);
      if (status === 400) expect(seen).toMatchObject({ code: "bad_cursor" });
    }
  });

  test("are all there", () => {
    expect(lists.length).toBeGreaterThan(15);
  });
});
