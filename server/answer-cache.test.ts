import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noteWanted } from "#db/queries/kept-sums.ts";
import { bumpVersion } from "#db/queries/refresh.ts";
import { keepAsked, loadFacts } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { answer } from "./answer-cache.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const asker = (orgId: string) => ({
  db: t.app,
  env: { LIMITS: { answersKept: 10, answersAtOnce: 4 } },
  org: { id: orgId },
  inOrg: <T>(fn: Parameters<typeof t.app.withOrg<T>>[1], options?: { readOnly?: boolean }) =>
    t.app.withOrg(orgId, fn, options),
});

/** Work that ends when it is told to; counts how often it is begun. */
function slowWork() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let begun = 0;
  const work = () => {
    begun += 1;
    return promise;
  };
  return { work, resolve, reject, begun: () => begun };
}

test("who asks the same while it is worked out gets that answer, another organisation its own", async () => {
  const slow = slowWork();
  const first = answer(asker(t.orgA), "q", { of: 1 }, slow.work);
  const second = answer(asker(t.orgA), "q", { of: 1 }, slow.work);
  const other = answer(asker(t.orgB), "q", { of: 1 }, async () => "theirs");
  expect(await other).toBe("theirs");
  await expect.poll(slow.begun).toBe(1);
  slow.resolve("mine");
  expect(await Promise.all([first, second])).toEqual(["mine", "mine"]);
  expect(slow.begun()).toBe(1);
  expect(await answer(asker(t.orgA), "q", { of: 1 }, async () => "again")).toBe("mine");
});

test("when facts change the question is another one, in that organisation alone", async () => {
  const ask = (orgId: string, made: string) => answer(asker(orgId), "changes", null, async () => made);
  expect([await ask(t.orgA, "a1"), await ask(t.orgB, "b1")]).toEqual(["a1", "b1"]);
  await t.worker.withOrg(t.orgA, bumpVersion);
  expect([await ask(t.orgA, "a2"), await ask(t.orgB, "b2")]).toEqual(["a2", "b1"]);
});

test("what fails is told to all who waited, and worked out again by the next", async () => {
  const slow = slowWork();
  const waiting = [1, 2].map(() => answer(asker(t.orgA), "fails", null, slow.work));
  await expect.poll(slow.begun).toBe(1);
  slow.reject(new Error("no"));
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await answer(asker(t.orgA), "fails", null, async () => "now")).toBe("now");
});

test("what takes too long to add up is noted like any other question, and may be asked again", async () => {
  const question = { filter: {}, grain: "week", calendar: { weekStart: 1, fiscalYearStart: 1 } } as const;
  const plan = {
    customerId: "a",
    subscriptionId: "s",
    plan: null,
    currency: "USD",
    interval: "month" as const,
  };
  for (const org of [t.orgA, t.orgB])
    await loadFacts(t, org, {
      states: [{ ...plan, source: "upload", fromDay: "2025-01-01", toDay: null, annual: "12" }],
    });
  await t.worker.withOrg(t.orgA, (tx) => keepAsked(tx, [question]));
  const askedAt = () =>
    t.worker.withOrg(t.orgA, (tx) =>
      tx.rows(sql`SELECT asked_at::text AS at FROM kept_sums WHERE org_id = ${tx.orgId}`),
    );
  const before = await askedAt();
  const slow = answer(asker(t.orgA), "slow", null, async (tx) => {
    noteWanted(tx, question);
    await tx.rows(sql`SELECT set_config('statement_timeout', '1', true)`);
    return tx.rows(sql`SELECT pg_sleep(5)`);
  });
  await expect(slow).rejects.toMatchObject({
    code: "UNAVAILABLE",
    extra: { reason: "query_timeout", retryAfterSeconds: 60 },
  });
  expect(await askedAt()).not.toEqual(before);
});

// A database that only reads, or is slow, answered questions all the same.
test("an answer is given although nothing can be noted of it, and the next who asks notes it", async () => {
  const question = { filter: {}, grain: "day", calendar: { weekStart: 1, fiscalYearStart: 1 } } as const;
  for (const org of [t.orgA, t.orgB]) {
    let writes = 0;
    const reading: ReturnType<typeof asker> = {
      ...asker(org),
      inOrg: (fn, options) => {
        if (options?.readOnly) return t.app.withOrg(org, fn, options);
        writes += 1;
        return Promise.reject(new Error("cannot execute UPDATE in a read-only transaction"));
      },
    };
    const ask = (made: string) =>
      answer(reading, made, null, async (tx) => {
        noteWanted(tx, question);
        return made;
      });
    expect([await ask("first"), await ask("second"), writes]).toEqual(["first", "second", 2]);
  }
});
