-- Rollups per value of what people filter by (docs/decisions/015-slices.md). A slice is one value of one key: plan = Pro,
-- country = DE, "not set" included; slice 0 is the whole organisation.
SET LOCAL search_path TO app;

ALTER TABLE organisation
  -- from this day on rollups that can be cut at any day are kept by day, before it by month; null: there are none yet
  ADD COLUMN rollup_days_from date,
  -- whether slices are kept: false between a full refresh and the job that builds them afresh
  ADD COLUMN slices_built boolean NOT NULL DEFAULT false;

-- Keys that people filter by. With few values a key has rollups; with more, customers have tags of it (customer_slice, by
-- position); with very many, or very many keys, nothing is kept.
CREATE TABLE slice_key (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  position int NOT NULL,
  key text NOT NULL,
  kept text NOT NULL CHECK (kept IN ('rollups', 'tags', 'nothing')),
  PRIMARY KEY (org_id, position)
);
-- names and values of attributes may be longer than an index takes
CREATE UNIQUE INDEX slice_key_name ON slice_key (org_id, md5(key));

CREATE SEQUENCE slice_id AS int;
CREATE TABLE slice (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id int NOT NULL DEFAULT nextval('app.slice_id'),
  key text NOT NULL,
  -- '' is "not set"
  value text NOT NULL,
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX slice_name ON slice (org_id, md5(key), md5(value));
GRANT USAGE ON SEQUENCE slice_id TO jarvis_app, jarvis_worker, jarvis_maint;

-- Which slices the rows of a customer's ledger belong to, one per key by its position; null: the customer's subscriptions
-- have several values of the key, and its ledgers of each stand in movement_part.
CREATE TABLE customer_slice (
  org_id uuid NOT NULL,
  customer_id bigint NOT NULL,
  slices int[] NOT NULL,
  -- what the customer pays per year once its last movement has happened; null: nothing
  standing_annual numeric,
  PRIMARY KEY (org_id, customer_id)
);
-- who pays most, without adding everybody up
CREATE INDEX customer_slice_standing ON customer_slice (org_id, standing_annual DESC) WHERE standing_annual IS NOT NULL;

-- As movement, of one slice alone: "as if nothing else existed" (metrics.md, Filters and the ledger).
CREATE TABLE movement_part (
  org_id uuid NOT NULL,
  customer_id bigint NOT NULL,
  slice int NOT NULL,
  day date NOT NULL,
  until_day date,
  kind text NOT NULL,
  annual numeric NOT NULL,
  before_annual numeric NOT NULL,
  cohort_day date NOT NULL,
  initial_annual numeric NOT NULL,
  cause text,
  recent boolean NOT NULL,
  PRIMARY KEY (org_id, customer_id, slice, day, kind)
);
CREATE INDEX movement_part_recent ON movement_part (org_id, day) WHERE recent;

-- recent: from organisation.rollup_days_from on. What comes after a day of observation is found by this index.
ALTER TABLE movement ADD COLUMN recent boolean NOT NULL DEFAULT false;
CREATE INDEX movement_recent ON movement (org_id, day) WHERE recent;

SELECT build_wall('slice_key'), build_wall('slice'), build_wall('customer_slice'), build_wall('movement_part');

-- Rollups are made afresh, so they begin empty: what was kept by month alone cannot be cut at a day.
DROP TABLE month_rollup, day_rollup, cohort_rollup, cohort_size;

-- Sums of the ledger per day; of a slice, per month until organisation.rollup_days_from.
CREATE TABLE day_rollup (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  slice int NOT NULL,
  day date NOT NULL,
  new_annual numeric(38, 12) NOT NULL DEFAULT 0,
  expansion_annual numeric(38, 12) NOT NULL DEFAULT 0,
  reactivation_annual numeric(38, 12) NOT NULL DEFAULT 0,
  contraction_annual numeric(38, 12) NOT NULL DEFAULT 0,
  churn_annual numeric(38, 12) NOT NULL DEFAULT 0,
  fx_annual numeric(38, 12) NOT NULL DEFAULT 0,
  new_customers bigint NOT NULL DEFAULT 0,
  reactivated_customers bigint NOT NULL DEFAULT 0,
  churned_customers bigint NOT NULL DEFAULT 0,
  rows bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, slice, day)
);

-- Sums per calendar month of what looks at a customer more than once within it.
CREATE TABLE month_rollup (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  slice int NOT NULL,
  month date NOT NULL,
  -- customers with such a row in the month
  new_customers bigint NOT NULL DEFAULT 0,
  churned_customers bigint NOT NULL DEFAULT 0,
  -- churn and contraction of those active at the start, up to what they paid then
  lost_annual numeric(38, 12) NOT NULL DEFAULT 0,
  -- active at the start and not at the end
  lost_customers bigint NOT NULL DEFAULT 0,
  -- new in the month, and active neither at its start nor at its end; and all their rows (policy new_and_churn)
  flash_customers bigint NOT NULL DEFAULT 0,
  flash_new_annual numeric(38, 12) NOT NULL DEFAULT 0,
  flash_expansion_annual numeric(38, 12) NOT NULL DEFAULT 0,
  flash_reactivation_annual numeric(38, 12) NOT NULL DEFAULT 0,
  flash_contraction_annual numeric(38, 12) NOT NULL DEFAULT 0,
  flash_churn_annual numeric(38, 12) NOT NULL DEFAULT 0,
  flash_fx_annual numeric(38, 12) NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, slice, month)
);

-- Changes, at the end of the month or day that begins on `day`, of sum(then), of customers then, of sum(now | then > 0) and of
-- sum(min(then, now)), then being twelve months before that end.
CREATE TABLE level_rollup (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  slice int NOT NULL,
  day date NOT NULL,
  then_annual numeric(38, 12) NOT NULL DEFAULT 0,
  then_customers bigint NOT NULL DEFAULT 0,
  kept_annual numeric(38, 12) NOT NULL DEFAULT 0,
  floor_annual numeric(38, 12) NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, slice, day)
);

-- Changes per month of first payment, in the month or day that begins on `day`; their running sum is the cohort's state.
CREATE TABLE cohort_rollup (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  slice int NOT NULL,
  cohort date NOT NULL,
  day date NOT NULL,
  customers bigint NOT NULL DEFAULT 0,
  net_annual numeric(38, 12) NOT NULL DEFAULT 0,
  gross_annual numeric(38, 12) NOT NULL DEFAULT 0,
  -- of the whole month that begins on `day`: active in it, and not at its end (policy cohort_cell)
  left_customers bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, slice, cohort, day)
);

-- First payments in the month or day that begins on `cohort`.
CREATE TABLE cohort_size (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  slice int NOT NULL,
  cohort date NOT NULL,
  customers bigint NOT NULL DEFAULT 0,
  initial_annual numeric(38, 12) NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, slice, cohort)
);
SELECT build_wall('day_rollup'), build_wall('month_rollup'), build_wall('level_rollup'), build_wall('cohort_rollup'), build_wall('cohort_size');

CREATE OR REPLACE FUNCTION forget_bulk_rows() RETURNS trigger LANGUAGE plpgsql SET search_path = app AS $$
BEGIN
  DELETE FROM movement WHERE org_id = OLD.id;
  DELETE FROM movement_part WHERE org_id = OLD.id;
  DELETE FROM customer_slice WHERE org_id = OLD.id;
  DELETE FROM subscription_version WHERE org_id = OLD.id;
  DELETE FROM customer_fact WHERE org_id = OLD.id;
  DELETE FROM mrr_month WHERE org_id = OLD.id;
  DELETE FROM transaction WHERE org_id = OLD.id;
  DELETE FROM customer WHERE org_id = OLD.id;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION analyse_facts() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  ANALYZE app.customer, app.subscription_version, app.movement, app.movement_part, app.customer_slice, app.transaction;
END $$;

-- after the ledger was made afresh: nothing else is read before its transaction ends
CREATE FUNCTION analyse_ledger() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  ANALYZE app.movement;
END $$;
REVOKE ALL ON FUNCTION analyse_ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analyse_ledger TO jarvis_app, jarvis_worker, jarvis_maint;

-- organisations that have a ledger get their rollups from this job, which every worker knows
SET LOCAL ROLE jarvis_worker;
DO $$
DECLARE
  org uuid;
BEGIN
  FOR org IN SELECT id FROM organisation WHERE metrics_version > 0 LOOP
    PERFORM set_config('app.org_id', org::text, true);
    PERFORM jobs.enqueue('rebuildMetrics', jsonb_build_object('orgId', org, 'cause', 'upgrade', 'actorId', null),
      jsonb_build_object('queue', 'import:' || org));
  END LOOP;
END $$;
