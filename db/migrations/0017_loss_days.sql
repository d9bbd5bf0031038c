-- What looks at a customer more than once within a month can be cut at any day, as other sums: from organisation.rollup_days_from on
-- month_rollup holds by how much each day changes the sums of its month. Until now the running month held all that is known of it, and
-- whoever moves in its days to come was counted anew for every answer.
SET LOCAL search_path TO app;

-- before organisation.rollup_days_from the first of the month
ALTER TABLE month_rollup RENAME COLUMN month TO day;
-- nobody asks for these any more
DROP INDEX movement_part_recent;

SET LOCAL ROLE jarvis_worker;
DO $$
DECLARE
  org record;
BEGIN
  FOR org IN SELECT id, rollup_days_from AS days_from FROM organisation WHERE rollup_days_from IS NOT NULL LOOP
    PERFORM set_config('app.org_id', org.id::text, true);
    DELETE FROM month_rollup WHERE org_id = org.id AND day >= org.days_from;
    INSERT INTO month_rollup (org_id, slice, day, new_customers, churned_customers, lost_annual, lost_customers, flash_customers,
      flash_new_annual, flash_expansion_annual, flash_reactivation_annual, flash_contraction_annual, flash_churn_annual, flash_fx_annual)
    WITH rolled AS MATERIALIZED (
      SELECT s.id FROM slice s JOIN slice_key k ON k.org_id = s.org_id AND k.key = s.key AND k.kept = 'rollups' WHERE s.org_id = org.id
    ), recent_row AS (
      SELECT 0 AS part, customer_id, day, kind, annual, before_annual FROM movement WHERE org_id = org.id AND recent
      UNION ALL SELECT slice, customer_id, day, kind, annual, before_annual FROM movement_part
      WHERE org_id = org.id AND recent AND slice IN (SELECT id FROM rolled)
    ), so_far AS (
      SELECT part, customer_id, day, date_trunc('month', day) AS month, row_number() OVER w AS nth, bool_or(kind = 'new') OVER w AS joined,
        first_value(before_annual) OVER w AS start_annual, sum(CASE WHEN kind IN ('churn', 'contraction') THEN -annual ELSE 0 END) OVER w AS lost,
        min(day) FILTER (WHERE kind IN ('new', 'reactivation')) OVER w AS first_back,
        max(day) FILTER (WHERE kind IN ('new', 'reactivation')) OVER w AS back_day,
        min(day) FILTER (WHERE kind = 'churn') OVER w AS first_left, max(day) FILTER (WHERE kind = 'churn') OVER w AS left_day,
        sum(CASE WHEN kind = 'new' THEN annual ELSE 0 END) OVER w AS all_new,
        sum(CASE WHEN kind = 'expansion' THEN annual ELSE 0 END) OVER w AS all_expansion,
        sum(CASE WHEN kind = 'reactivation' THEN annual ELSE 0 END) OVER w AS all_reactivation,
        sum(CASE WHEN kind = 'contraction' THEN annual ELSE 0 END) OVER w AS all_contraction,
        sum(CASE WHEN kind = 'churn' THEN annual ELSE 0 END) OVER w AS all_churn,
        sum(CASE WHEN kind = 'fx' THEN annual ELSE 0 END) OVER w AS all_fx
      FROM recent_row
      WINDOW w AS (PARTITION BY part, customer_id, date_trunc('month', day) ORDER BY day, kind <> 'fx' ROWS UNBOUNDED PRECEDING)
    ), held AS (
      SELECT *, coalesce(left_day > back_day, left_day IS NOT NULL) AS gone,
        first_back IS NULL OR coalesce(first_left < first_back, false) AS was_active
      FROM so_far
    ), state AS (
      SELECT part, customer_id, day, month, nth, joined::int::numeric AS new_customers,
        (left_day IS NOT NULL)::int::numeric AS churned_customers, least(start_annual, lost) AS lost_annual,
        (gone AND was_active)::int::numeric AS lost_customers, flash::numeric AS flash_customers, flash * all_new AS flash_new,
        flash * all_expansion AS flash_expansion, flash * all_reactivation AS flash_reactivation,
        flash * all_contraction AS flash_contraction, flash * all_churn AS flash_churn, flash * all_fx AS flash_fx
      FROM held, LATERAL (SELECT (gone AND joined AND NOT was_active)::int AS flash) f
    ), turn AS (
      SELECT part, customer_id, CASE WHEN day < date_trunc('month', org.days_from + 1098) THEN day ELSE month::date END AS day,
        new_customers - lag(new_customers, 1, 0::numeric) OVER w AS new_customers,
        churned_customers - lag(churned_customers, 1, 0::numeric) OVER w AS churned_customers,
        lost_annual - lag(lost_annual, 1, 0::numeric) OVER w AS lost_annual,
        lost_customers - lag(lost_customers, 1, 0::numeric) OVER w AS lost_customers,
        flash_customers - lag(flash_customers, 1, 0::numeric) OVER w AS flash_customers,
        flash_new - lag(flash_new, 1, 0::numeric) OVER w AS flash_new,
        flash_expansion - lag(flash_expansion, 1, 0::numeric) OVER w AS flash_expansion,
        flash_reactivation - lag(flash_reactivation, 1, 0::numeric) OVER w AS flash_reactivation,
        flash_contraction - lag(flash_contraction, 1, 0::numeric) OVER w AS flash_contraction,
        flash_churn - lag(flash_churn, 1, 0::numeric) OVER w AS flash_churn, flash_fx - lag(flash_fx, 1, 0::numeric) OVER w AS flash_fx
      FROM state WINDOW w AS (PARTITION BY part, customer_id, month ORDER BY nth)
    ), placed AS (
      SELECT part AS slice, t.* FROM turn t
      UNION ALL SELECT u.slice, t.* FROM turn t
      JOIN customer_slice c ON c.org_id = org.id AND c.customer_id = t.customer_id, unnest(c.slices) u (slice)
      WHERE t.part = 0 AND u.slice IN (SELECT id FROM rolled)
    ), summed AS (
      SELECT slice, day, sum(new_customers) AS new_customers, sum(churned_customers) AS churned_customers, sum(lost_annual) AS lost_annual,
        sum(lost_customers) AS lost_customers, sum(flash_customers) AS flash_customers, sum(flash_new) AS flash_new,
        sum(flash_expansion) AS flash_expansion, sum(flash_reactivation) AS flash_reactivation, sum(flash_contraction) AS flash_contraction,
        sum(flash_churn) AS flash_churn, sum(flash_fx) AS flash_fx
      FROM placed GROUP BY slice, day
    )
    SELECT org.id, s.* FROM summed s
    WHERE (new_customers, churned_customers, lost_annual, lost_customers, flash_customers, flash_new, flash_expansion, flash_reactivation,
      flash_contraction, flash_churn, flash_fx) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  END LOOP;
END $$;
