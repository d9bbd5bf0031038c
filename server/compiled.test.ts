import { expect, test } from "vitest";
import { z } from "zod";
import { compiled } from "./compiled.ts";
import { createCallerFactory, publicProcedure, router } from "./trpc.ts";

const shape = z.object({ n: z.number() });

test("a procedure refuses an answer that a compiled schema does not hold, and takes off what it does not name", async () => {
  const answers: unknown[] = [{ n: 1, secret: "x" }, { n: "1" }, null];
  const caller = createCallerFactory(
    router({ next: publicProcedure.output(compiled(shape)).query(() => answers.shift() as { n: number }) }),
  )({} as never);
  expect(await caller.next()).toEqual({ n: 1 });
  for (const _ of answers)
    await expect(caller.next()).rejects.toMatchObject({ code: "INTERNAL_SERVER_ERROR" });
  await expect(caller.next()).rejects.toMatchObject({ message: "Output validation failed" });
});

test("what describes the API sees the schema itself", () => {
  expect(z.toJSONSchema(compiled(shape))).toEqual(z.toJSONSchema(shape));
  expect(compiled(shape)).toBeInstanceOf(z.ZodObject);
});
