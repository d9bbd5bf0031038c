import { type SQL, sql } from "drizzle-orm";
import { kinds, type Tagging } from "./contributions.ts";
import { placeOf, type Timeline } from "./timeline.ts";

/** As `lossContributions` (contributions.ts) has them; those of flashes are sums of rows as they are signed. */
export const lossSums = [
  "new_customers",
  "churned_customers",
  "lost_annual",
  "lost_customers",
  "flash_customers",
  ...kinds.map((kind) => `flash_${kind}_annual`),
] as const;

const each = (write: (sum: string) => string): SQL => sql.raw(lossSums.map(write).join(", "));

/**
 * SELECT slice, day and `lossSums`: by how much each day changes what `lossContributions` counts in its month, so that a month
 * can be cut at any day. They are added up by month alone: whoever is back at the end of it was not lost in it.
 * @param ledger rows of whole months: all that a customer has of a month, or nothing
 * @param months calendar months that hold all of the ledger
 */
export const lossChanges = (ledger: SQL, months: Timeline, tags: Tagging): SQL => sql`
  SELECT ${tags.slice("turn")} AS slice, day, ${sql.join(
    lossSums.map((sum) => sql`${tags.sum(sql.raw(sum))} AS ${sql.raw(sum)}`),
    sql`, `,
  )}
  FROM (
    SELECT customer_id, day, ${each((sum) => `${sum} - lag(${sum}, 1, 0::numeric) OVER w AS ${sum}`)}
    FROM (
      SELECT customer_id, p, day, nth, joined::int::numeric AS new_customers, (left_day IS NOT NULL)::int::numeric AS churned_customers,
        least(start_annual, lost) AS lost_annual, (gone AND was_active)::int::numeric AS lost_customers,
        (gone AND joined AND NOT was_active)::int::numeric AS flash_customers,
        ${sql.raw(
          kinds
            .map(
              (kind) =>
                `CASE WHEN gone AND joined AND NOT was_active THEN all_${kind} ELSE 0 END AS flash_${kind}_annual`,
            )
            .join(", "),
        )}
      FROM (
        -- active before the month: not where it begins with a customer's coming
        SELECT *, coalesce(left_day > back_day, left_day IS NOT NULL) AS gone,
          first_back IS NULL OR coalesce(first_left < first_back, false) AS was_active
        FROM (
          SELECT m.customer_id, m.day, ${placeOf(sql`m.day`, months)} AS p, row_number() OVER w AS nth,
            first_value(m.before_annual) OVER w AS start_annual,
            coalesce(sum(-m.annual) FILTER (WHERE m.kind IN ('churn', 'contraction')) OVER w, 0) AS lost,
            bool_or(m.kind = 'new') OVER w AS joined,
            min(m.day) FILTER (WHERE m.kind IN ('new', 'reactivation')) OVER w AS first_back,
            max(m.day) FILTER (WHERE m.kind IN ('new', 'reactivation')) OVER w AS back_day,
            min(m.day) FILTER (WHERE m.kind = 'churn') OVER w AS first_left,
            max(m.day) FILTER (WHERE m.kind = 'churn') OVER w AS left_day,
            ${sql.join(
              kinds.map(
                (kind) =>
                  sql`coalesce(sum(m.annual) FILTER (WHERE m.kind = ${sql.raw(`'${kind}'`)}) OVER w, 0) AS ${sql.raw(`all_${kind}`)}`,
              ),
              sql`, `,
            )}
          FROM ${ledger} m
          -- of one day, a rate's drift comes first
          WINDOW w AS (PARTITION BY m.customer_id, ${placeOf(sql`m.day`, months)} ORDER BY m.day, m.kind <> 'fx' ROWS UNBOUNDED PRECEDING)
        ) row
      ) state
    ) held WINDOW w AS (PARTITION BY customer_id, p ORDER BY nth)
  ) turn ${tags.join("turn")}
  WHERE (${each((sum) => sum)}) <> (${each(() => "0")}) GROUP BY 1, 2`;
