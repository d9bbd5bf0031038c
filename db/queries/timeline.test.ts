import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, type Day } from "#metrics/day.ts";
import type { Grain } from "#metrics/period.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { bucketLine, bucketsOf, placeOf, startOf, type Timeline } from "./timeline.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

/** Every day from long before a line to long after it, where it is in it, and where that begins. */
const placesOf = (line: Timeline, first: Day) =>
  t.app.withOrg(t.orgA, (tx) =>
    tx.rows(sql`
      SELECT day::text AS day, ${placeOf(sql`day`, line)} AS place, (${startOf(placeOf(sql`day`, line), line)})::text AS start
      FROM (SELECT ${first}::date + n AS day FROM generate_series(0, 3000) n UNION ALL SELECT NULL) days ORDER BY 1`),
  );

const cases: [Grain, Day, Day, Day][] = [
  ["month", "2024-01-10", "2026-11-20", "2026-11-20"],
  ["month", "2024-01-10", "2031-02-01", "2026-11-20"],
  ["week", "2026-01-10", "2026-11-20", "2026-11-20"],
  ["quarter", "2026-11-21", "2027-01-01", "2026-11-20"],
  ["year", "2024-01-10", "2026-11-20", "2027-11-20"],
];
test.each(cases)(
  "a day of a line by %s is counted to where searching finds it",
  async (grain, first, last, today) => {
    const line = bucketLine(first, last, bucketsOf(today, grain));
    expect(line.daily?.days).toBeGreaterThan(300);
    const { daily: _, ...searched } = line;
    const begin = addDays(first, -100);
    expect(await placesOf(line, begin)).toEqual(await placesOf(searched, begin));
  },
);
