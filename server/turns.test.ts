import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<string>();
  let begun = false;
  return {
    end: () => resolve("done"),
    begun: () => begun,
    work: () => {
      begun = true;
      return promise;
    },
  };
}

test("so many work at once, the next begins when one ends, and another organisation does not wait", async () => {
  const turns = createTurns({ atOnce: 2, waiting: 5, waitMs: 60_000 });
  const [a, b, c, other] = [held(), held(), held(), held()];
  const running = [
    turns.run("x", a.work),
    turns.run("x", b.work),
    turns.run("x", c.work),
    turns.run("y", other.work),
  ];
  await Promise.resolve();
  expect([a, b, c, other].map(({ begun }) => begun())).toEqual([true, true, false, true]);
  b.end();
  await running[1];
  await Promise.resolve();
  expect(c.begun()).toBe(true);
  for (const one of [a, c, other]) one.end();
  expect(await Promise.all(running)).toEqual(["done", "done", "done", "done"]);
});

test("work that fails gives its turn on", async () => {
  const turns = createTurns({ atOnce: 1, waiting: 5, waitMs: 60_000 });
  const failing = turns.run("x", () => Promise.reject(new Error("no")));
  const next = turns.run("x", () => Promise.resolve("next"));
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("next");
});

test("where too many wait, or for too long, one is told to come back", async () => {
  const turns = createTurns({ atOnce: 1, waiting: 1, waitMs: 10 });
  const first = held();
  const running = turns.run("x", first.work);
  const waits = turns.run("x", () => Promise.resolve("never"));
  await expect(turns.run("x", () => Promise.resolve("never"))).rejects.toMatchObject({
    code: "UNAVAILABLE",
    extra: { reason: "busy" },
  });
  await expect(waits).rejects.toMatchObject({ extra: { reason: "busy" } });
  first.end();
  expect(await running).toBe("done");
  expect(await turns.run("x", () => Promise.resolve("now"))).toBe("now");
});
