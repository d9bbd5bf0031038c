import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { redateFacts } from "./redate.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
  for (const orgId of [t.orgA, t.orgB])
    await t.worker.withOrg(orgId, async (tx) => {
      await tx.rows(
        sql`INSERT INTO upload (org_id, id, file_name, status) VALUES (${orgId}, ${orgId}, 'a.csv', 'done')`,
      );
      await tx.rows(sql`INSERT INTO customer (org_id, id, external_id, signup_day) VALUES
        (${orgId}, 1, 'naive', '2026-01-31'), (${orgId}, 2, 'zoned', '2026-02-01')`);
      await tx.rows(sql`INSERT INTO customer_fact (org_id, customer_id, upload_id, line, signup_at, signup_naive) VALUES
        (${orgId}, 1, ${orgId}, 2, '2026-01-31T23:00Z', true), (${orgId}, 2, ${orgId}, 3, '2026-02-01T00:00Z', false)`);
      await tx.rows(sql`INSERT INTO subscription_version (org_id, customer_id, sub_key, currency, interval, unit_amount,
          annual_list, annual, started_at, ended_at, naive, from_day, to_day, upload_id, line) VALUES
        (${orgId}, 1, 's:n', 'USD', 'month', 1, 12, 12, '2026-01-01T00:00Z', '2026-02-01T00:00Z', 7, '2026-01-01', '2026-02-01', ${orgId}, 2),
        (${orgId}, 2, 's:z', 'USD', 'month', 1, 12, 12, '2026-01-01T12:00Z', NULL, 0, '2026-01-01', '2026-02-01', ${orgId}, 3),
        (${orgId}, 2, 's:z', 'USD', 'month', 2, 24, 24, '2026-02-01T00:00Z', '2026-03-01T00:00Z', 0, '2026-02-01', '2026-03-01', ${orgId}, 4)`);
      await tx.rows(sql`INSERT INTO transaction (org_id, customer_id, at, naive, day, upload_id, line) VALUES
        (${orgId}, 1, '2026-02-01T00:00Z', true, '2026-02-01', ${orgId}, 2),
        (${orgId}, 2, '2026-02-01T00:00Z', false, '2026-02-01', ${orgId}, 3)`);
    });
});
afterAll(() => t.close());

const daysOf = (orgId: string) =>
  t.worker.withOrg(orgId, async (tx) => ({
    versions: await tx.rows(
      sql`SELECT sub_key, from_day, to_day FROM subscription_version WHERE org_id = ${orgId} ORDER BY id`,
    ),
    transactions: await tx.rows(sql`SELECT day FROM transaction WHERE org_id = ${orgId} ORDER BY id`),
    customers: await tx.rows(sql`SELECT signup_day FROM customer WHERE org_id = ${orgId} ORDER BY id`),
  }));

describe("a change of the organisation's time zone", () => {
  test("keeps days that were written without a zone and moves instants to the day they fall on there", async () => {
    const others = await daysOf(t.orgB);
    await t.worker.withOrg(t.orgA, async (tx) => {
      await tx.rows(
        sql`UPDATE organisation SET facts_timezone = 'UTC', timezone = 'America/Los_Angeles' WHERE id = ${t.orgA}`,
      );
      expect(await redateFacts(tx)).toBe(true);
    });
    expect(await daysOf(t.orgA)).toEqual({
      versions: [
        { sub_key: "s:n", from_day: "2026-01-01", to_day: "2026-02-01" },
        { sub_key: "s:z", from_day: "2026-01-01", to_day: "2026-01-31" },
        { sub_key: "s:z", from_day: "2026-01-31", to_day: "2026-02-28" },
      ],
      transactions: [{ day: "2026-02-01" }, { day: "2026-01-31" }],
      customers: [{ signup_day: "2026-01-31" }, { signup_day: "2026-01-31" }],
    });
    expect(await daysOf(t.orgB)).toEqual(others);
  });

  test("is done once, and its way back restores everything", async () => {
    await t.worker.withOrg(t.orgA, async (tx) => {
      expect(await redateFacts(tx)).toBe(false);
      await tx.rows(
        sql`UPDATE organisation SET facts_timezone = timezone, timezone = 'UTC' WHERE id = ${t.orgA}`,
      );
      await redateFacts(tx);
    });
    expect(await daysOf(t.orgA)).toEqual(await daysOf(t.orgB));
  });
});
