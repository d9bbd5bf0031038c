import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

describe("the tenant wall", () => {
  test("an organisation sees its own rows only", async () => {
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`INSERT INTO customer (org_id, external_id) VALUES (${t.orgA}, 'a')`),
    );
    const seen = await t.app.withOrg(t.orgB, (tx) => tx.rows(sql`SELECT * FROM customer`));
    expect(seen).toEqual([]);
  });
});
