import { type SQL, sql } from "drizzle-orm";
import { standing, type Tagging } from "./contributions.ts";
import { shows, showsYearLater, type Timeline } from "./timeline.ts";

/**
 * SELECT slice, p, then_annual, then_customers, kept_annual, floor_annual: what `thenContributions` and `levelContributions`
 * (contributions.ts) are, of few customers: they follow each one's state from change to change, which needs a sort, and not
 * each of its amounts beside every one of a year before. Changes of one place come in any order: what lies between them adds up
 * to nothing.
 */
export const levelChanges = (ledger: SQL, line: Timeline, tags: Tagging): SQL => sql`
  SELECT ${tags.slice("turn")} AS slice, p, ${tags.sum(sql`then_annual`)} AS then_annual,
    ${tags.sum(sql`then_customers`)}::bigint AS then_customers, ${tags.sum(sql`kept`)} AS kept_annual,
    ${tags.sum(sql`floor`)} AS floor_annual
  FROM (
    SELECT customer_id, p, then_annual, then_customers,
      CASE WHEN past > 0 THEN now ELSE 0 END - CASE WHEN past > then_annual THEN now - now_annual ELSE 0 END AS kept,
      least(now, past) - least(now - now_annual, past - then_annual) AS floor
    FROM (
      SELECT *, sum(now_annual) OVER w AS now, sum(then_annual) OVER w AS past FROM (
        SELECT m.customer_id, ${shows(sql`m.day`, line)} AS p, m.annual AS now_annual, 0 AS then_annual, 0 AS then_customers
        FROM ${ledger} m
        UNION ALL SELECT m.customer_id, ${showsYearLater(sql`m.day`, line)}, 0, m.annual, ${standing} FROM ${ledger} m
      ) change WHERE p <= ${line.starts.length}::int
      WINDOW w AS (PARTITION BY customer_id ORDER BY p ROWS UNBOUNDED PRECEDING)
    ) state
  ) turn ${tags.join("turn")} GROUP BY 1, 2`;
