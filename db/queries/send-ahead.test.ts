import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import type { LedgerTx } from "./ledger.ts";
import { sendAhead } from "./send-ahead.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const note = (tx: LedgerTx, name: string) =>
  tx.rows(sql`INSERT INTO customer (org_id, external_id, name)
    SELECT ${tx.orgId}::uuid, 'noted', ${name} ON CONFLICT (org_id, external_id) DO UPDATE SET name = customer.name || excluded.name`);
const noted = (orgId: string) =>
  t.worker.withOrg(orgId, async (tx) => {
    const rows = await tx.rows<{ name: string }>(
      sql`SELECT name FROM customer WHERE org_id = ${tx.orgId} AND external_id = 'noted'`,
    );
    return rows[0]?.name ?? null;
  });

test("statements run in the order in which they were sent, all before it resolves, in their organisation alone", async () => {
  await t.worker.withOrg(t.orgA, async (tx) => {
    await sendAhead(tx, async (ahead) => {
      await note(ahead, "a");
      await sendAhead(ahead, async (further) => {
        await note(further, "b");
        await note(further, "c");
      });
      await note(ahead, "d");
    });
    expect(await tx.rows(sql`SELECT name FROM customer WHERE org_id = ${tx.orgId}`)).toContainEqual({
      name: "abcd",
    });
  });
  expect(await noted(t.orgB)).toBeNull();
});

test("the first that fails is what it rejects with, and nothing of the transaction stays", async () => {
  const before = await noted(t.orgA);
  await expect(
    t.worker.withOrg(t.orgA, (tx) =>
      sendAhead(tx, async (ahead) => {
        await note(ahead, "e");
        await ahead.rows(sql`SELECT 1 / 0`);
        await note(ahead, "f");
      }),
    ),
  ).rejects.toMatchObject({ cause: { message: "division by zero" } });
  expect(await noted(t.orgA)).toBe(before);
});

test("an answer cannot be read by mistake", async () => {
  await expect(
    t.worker.withOrg(t.orgA, (tx) =>
      sendAhead(tx, async (ahead) => {
        const [row] = await ahead.rows(sql`SELECT 1 AS one`);
        return row;
      }),
    ),
  ).rejects.toThrow(TypeError);
});
