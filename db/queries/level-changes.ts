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
  SELECT ${tags.slice("turn")} AS slice, p, coalesce(${tags.sum(sql`then_annual`)}, 0) AS then_annual,
    coalesce(${tags.sum(sql`then_customers`)}, 0)::bigint AS then_customers, coalesce(${tags.sum(sql`kept`)}, 0) AS kept_annual,
    coalesce(${tags.sum(sql`floor`)}, 0) AS floor_annual
  FROM (
    SELECT customer_id, p, then_annual, then_customers,
      CASE WHEN past > 0 THEN now ELSE 0 END - CASE WHEN past > coalesce(then_annual, 0) THEN now - coalesce(now_annual, 0) ELSE 0 END AS kept,
      least(now, past) - least(now - coalesce(now_annual, 0), past - coalesce(then_annual, 0)) AS floor
    FROM (
      SELECT *, coalesce(sum(now_annual) OVER w, 0) AS now, coalesce(sum(then_annual) OVER w, 0) AS past FROM (
        SELECT m.customer_id, ${shows(sql`m.day`, line)} AS p, m.annual AS now_annual, NULL::numeric AS then_annual, NULL::int AS then_customers
        FROM ${ledger} m
        UNION ALL SELECT m.customer_id, ${showsYearLater(sql`m.day`, line)}, NULL, m.annual, ${standing} FROM ${ledger} m
      ) change WHERE p <= ${line.starts.length}::int
      WINDOW w AS (PARTITION BY customer_id ORDER BY p ROWS UNBOUNDED PRECEDING)
    ) state
  ) turn ${tags.join("turn")}
  -- within a place an amount may fall below 0 on the way: what changes nothing is known by its differences alone
  WHERE then_annual IS NOT NULL OR (kept, floor) <> (0, 0) GROUP BY 1, 2`;
