-- Accounts, the tenant wall, uploads, facts, the movement ledger and its rollups.
-- Every tenant table carries org_id first in its primary key, foreign keys and unique constraints, so that a
-- distributed Postgres can shard on it. Row-level security is switched on for all of them at the end of the file.

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO jarvis_app, jarvis_worker, jarvis_maint;
SET LOCAL search_path TO app;

-- ── instance-wide: the only three tables without a tenant ────────────────────────────────────────────────────────

CREATE TABLE organisation (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
  currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
  timezone text NOT NULL DEFAULT 'UTC',
  -- the zone in which the facts' days still are, from a change of zone until its rebuild; null: the same
  facts_timezone text,
  policy jsonb NOT NULL DEFAULT '{}',
  policy_version int NOT NULL DEFAULT 1,
  fiscal_year_start smallint NOT NULL DEFAULT 1 CHECK (fiscal_year_start BETWEEN 1 AND 12),
  week_start smallint NOT NULL DEFAULT 1 CHECK (week_start BETWEEN 1 AND 7),
  metrics_version bigint NOT NULL DEFAULT 0,
  -- the last month that mrr_by_month uploads cover; later periods are marked incomplete
  covered_until date,
  is_demo boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE "user" (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL DEFAULT '',
  password_hash text,
  email_verified_at timestamptz,
  verify_token_hash bytea UNIQUE,
  verify_expires_at timestamptz,
  reset_token_hash bytea UNIQUE,
  reset_expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  -- the organisation this browser looks at; a token session is bound to one
  org_id uuid REFERENCES organisation (id) ON DELETE CASCADE,
  -- set when the session was made from an API token: it may do no more than the token
  api_token_id uuid,
  user_agent text NOT NULL DEFAULT '',
  ip text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_of_user ON session (user_id);

-- ── accounts of a tenant ─────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE membership (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'commenter', 'viewer')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, user_id)
);
CREATE INDEX membership_user ON membership (user_id);

CREATE TABLE invitation (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'commenter', 'viewer')),
  token_hash bytea NOT NULL,
  invited_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, token_hash),
  UNIQUE (org_id, email)
);

CREATE TABLE api_token (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'commenter', 'viewer')),
  token_hash bytea NOT NULL,
  last_four text NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, token_hash)
);

CREATE TABLE audit_log (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid,
  actor text NOT NULL,
  action text NOT NULL,
  target text NOT NULL DEFAULT '',
  details jsonb NOT NULL DEFAULT '{}',
  ip text NOT NULL DEFAULT '',
  PRIMARY KEY (org_id, id)
);

-- user_id set: a personal mail (verification, reset); it lies under the instance's own organisation and only that
-- person may read it in the outbox
CREATE TABLE mail (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  user_id uuid,
  recipient text NOT NULL,
  subject text NOT NULL,
  html text NOT NULL,
  body text NOT NULL,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sending', 'sent', 'outbox', 'failed', 'unknown')),
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE dashboard (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  title text NOT NULL CHECK (char_length(title) <= 200),
  widgets jsonb NOT NULL DEFAULT '{}',
  filters jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);

-- ── uploads: the file as it came, and what was made of it ────────────────────────────────────────────────────────

CREATE SEQUENCE upload_seq;
CREATE TABLE upload (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- order in which uploads took effect: a newer one wins over an older one
  seq bigint NOT NULL DEFAULT nextval('app.upload_seq'),
  file_name text NOT NULL,
  bytes bigint NOT NULL DEFAULT 0,
  sha256 bytea,
  -- known since all of it was received: a sample could not say
  valid_utf8 boolean NOT NULL DEFAULT true,
  kind text CHECK (kind IN ('subscriptions', 'mrr_by_month', 'customers', 'transactions', 'spend', 'fx_rates')),
  status text NOT NULL CHECK (status IN ('receiving', 'queued', 'parsing', 'needs_mapping', 'importing', 'done',
    'failed', 'cancelled', 'undone', 'previewed')),
  dry_run boolean NOT NULL DEFAULT false,
  -- what the person asked for, and what is in force after detection
  requested jsonb NOT NULL DEFAULT '{}',
  mapping jsonb,
  options jsonb NOT NULL DEFAULT '{}',
  dialect jsonb,
  columns jsonb,
  header jsonb,
  preview jsonb,
  questions jsonb,
  -- sha256 of (file, kind, mapping, options): the same again is a duplicate
  fingerprint bytea,
  rows_read bigint NOT NULL DEFAULT 0,
  rows_imported bigint NOT NULL DEFAULT 0,
  rows_rejected bigint NOT NULL DEFAULT 0,
  rows_total bigint,
  phase text,
  error jsonb,
  covers_from date,
  covers_to date,
  cancel_requested boolean NOT NULL DEFAULT false,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX upload_order ON upload (org_id, seq);
-- two tabs that send the same file at once make one upload
CREATE UNIQUE INDEX upload_once ON upload (org_id, fingerprint)
  WHERE status NOT IN ('receiving', 'failed', 'cancelled', 'undone');

-- The raw rows, immutable: the file's bytes in pieces. first_line and first_offset say where the first record that
-- starts in this piece begins, so that any line can be shown again without reading the file from its start.
CREATE TABLE upload_chunk (
  org_id uuid NOT NULL,
  upload_id uuid NOT NULL,
  seq int NOT NULL,
  data bytea NOT NULL,
  first_line int,
  first_offset int,
  PRIMARY KEY (org_id, upload_id, seq),
  FOREIGN KEY (org_id, upload_id) REFERENCES upload (org_id, id) ON DELETE CASCADE
);
ALTER TABLE upload_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE upload_error (
  org_id uuid NOT NULL,
  upload_id uuid NOT NULL,
  no int NOT NULL,
  line int NOT NULL,
  "column" text,
  code text NOT NULL,
  message text NOT NULL,
  value text,
  PRIMARY KEY (org_id, upload_id, no),
  FOREIGN KEY (org_id, upload_id) REFERENCES upload (org_id, id) ON DELETE CASCADE
);

-- ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE SEQUENCE customer_id;
CREATE TABLE customer (
  org_id uuid NOT NULL,
  id bigint NOT NULL DEFAULT nextval('app.customer_id'),
  external_id text NOT NULL,
  name text,
  email text,
  country text,
  signup_day date,
  attributes jsonb NOT NULL DEFAULT '{}',
  churn_provided double precision,
  excluded_reason text,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, external_id)
);
CREATE INDEX customer_excluded ON customer (org_id) WHERE excluded_reason IS NOT NULL;

-- The bulk tables (customer, customer_fact, subscription_version, mrr_month, transaction, movement) have no foreign keys:
-- their rows are written by INSERT … SELECT joined to their customers in one statement, and checking that again row by row
-- took more than half of a large import (docs/decisions/004-ledger.md has the figures; `npm run cli -- doctor` looks for
-- orphans).

-- What each upload said of a customer; the customer row is their fold, newest upload last.
CREATE TABLE customer_fact (
  org_id uuid NOT NULL,
  customer_id bigint NOT NULL,
  upload_id uuid NOT NULL,
  line int NOT NULL,
  name text,
  email text,
  country text,
  signup_at timestamptz,
  signup_naive boolean NOT NULL DEFAULT true,
  churn_provided double precision,
  attributes jsonb,
  PRIMARY KEY (org_id, customer_id, upload_id)
);

-- One version of a subscription: what it paid from from_day (inclusive) to to_day (exclusive, null = open).
CREATE SEQUENCE subscription_version_id;
CREATE TABLE subscription_version (
  org_id uuid NOT NULL,
  id bigint NOT NULL DEFAULT nextval('app.subscription_version_id'),
  customer_id bigint NOT NULL,
  -- subscription_id, or customer, plan and start where there is none: what a later upload replaces
  sub_key text NOT NULL,
  subscription_id text,
  plan text,
  currency text NOT NULL,
  -- 'month', 'year', '3 month', …
  interval text NOT NULL,
  quantity numeric(38, 12) NOT NULL DEFAULT 1,
  unit_amount numeric(38, 12) NOT NULL,
  -- per year in major units of currency: before and after the recurring discounts (metrics/normalise.ts)
  annual_list numeric(38, 12) NOT NULL,
  annual numeric(38, 12) NOT NULL,
  status text NOT NULL DEFAULT 'active',
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  trial_end timestamptz,
  -- bits 1, 2, 4: started_at, ended_at, trial_end came without a zone (they follow the organisation's)
  naive smallint NOT NULL DEFAULT 7,
  from_day date NOT NULL,
  to_day date,
  source text NOT NULL DEFAULT 'upload',
  upload_id uuid,
  line int,
  -- the newer upload that speaks for this sub_key now; its undo clears this
  superseded_by uuid,
  -- one index for the key and for "all of a customer": a second one would cost a large import a second and a half
  PRIMARY KEY (org_id, customer_id, id)
);

-- mrr_by_month as uploaded; workers/import turns the newest live value of each month into subscription versions.
CREATE TABLE mrr_month (
  org_id uuid NOT NULL,
  customer_id bigint NOT NULL,
  month date NOT NULL,
  upload_id uuid NOT NULL,
  line int NOT NULL,
  mrr numeric(38, 12) NOT NULL,
  currency text NOT NULL,
  PRIMARY KEY (org_id, customer_id, month, upload_id)
);

CREATE SEQUENCE transaction_id;
CREATE TABLE transaction (
  org_id uuid NOT NULL,
  id bigint NOT NULL DEFAULT nextval('app.transaction_id'),
  customer_id bigint NOT NULL,
  at timestamptz NOT NULL,
  naive boolean NOT NULL DEFAULT true,
  day date NOT NULL,
  amount numeric(38, 12),
  currency text,
  upload_id uuid NOT NULL,
  line int NOT NULL,
  PRIMARY KEY (org_id, id)
);
CREATE INDEX transaction_customer ON transaction (org_id, customer_id, day);

CREATE SEQUENCE spend_id;
CREATE TABLE spend (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id bigint NOT NULL DEFAULT nextval('app.spend_id'),
  month date NOT NULL,
  category text,
  amount numeric(38, 12) NOT NULL,
  currency text NOT NULL,
  upload_id uuid,
  line int,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, upload_id) REFERENCES upload (org_id, id) ON DELETE CASCADE
);
CREATE INDEX spend_month ON spend (org_id, month);

-- The rate of a day is the newest one on or before it; of two for the same day, the newer upload's.
CREATE SEQUENCE fx_rate_id;
CREATE TABLE fx_rate (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id bigint NOT NULL DEFAULT nextval('app.fx_rate_id'),
  day date NOT NULL,
  from_currency text NOT NULL,
  to_currency text NOT NULL,
  rate numeric(38, 12) NOT NULL CHECK (rate > 0),
  upload_id uuid,
  line int,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, upload_id) REFERENCES upload (org_id, id) ON DELETE CASCADE
);
CREATE INDEX fx_rate_pair ON fx_rate (org_id, from_currency, to_currency, day);

-- ── the movement ledger and what is added up from it ─────────────────────────────────────────────────────────────

-- Per customer and day at most one movement and one fx row (the fx row comes first). before_annual + annual is the state
-- from day until until_day (the customer's next row; null: still), so that a state on any day is one comparison away, and
-- the sum of annual up to a day, over 12, is that day's MRR.
-- Derived from the facts by db/queries/refresh.ts, its only writer: a foreign key would check again, row by row, what the
-- facts' own keys have checked, and took more time than all the rest of a large import.
CREATE TABLE movement (
  org_id uuid NOT NULL,
  customer_id bigint NOT NULL,
  day date NOT NULL,
  until_day date,
  -- new, expansion, reactivation, contraction, churn, fx
  kind text NOT NULL,
  -- signed change, and the state before it: per year, in the organisation's currency; at most 12 decimals
  annual numeric NOT NULL,
  before_annual numeric NOT NULL,
  -- the customer's first paid day and what it first paid: its cohort
  cohort_day date NOT NULL,
  initial_annual numeric NOT NULL,
  -- why a churn came about, where the kind alone does not say: free, paused, involuntary
  cause text,
  PRIMARY KEY (org_id, customer_id, day, kind)
);

-- An organisation's end takes its bulk rows along, as foreign keys would.
CREATE FUNCTION forget_bulk_rows() RETURNS trigger LANGUAGE plpgsql SET search_path = app AS $$
BEGIN
  DELETE FROM movement WHERE org_id = OLD.id;
  DELETE FROM subscription_version WHERE org_id = OLD.id;
  DELETE FROM customer_fact WHERE org_id = OLD.id;
  DELETE FROM mrr_month WHERE org_id = OLD.id;
  DELETE FROM transaction WHERE org_id = OLD.id;
  DELETE FROM customer WHERE org_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_bulk_rows AFTER DELETE ON organisation FOR EACH ROW EXECUTE FUNCTION forget_bulk_rows();

-- Days on which an amount could not be valued for want of an exchange rate.
CREATE TABLE unvalued (
  org_id uuid NOT NULL,
  customer_id bigint NOT NULL,
  from_day date NOT NULL,
  to_day date,
  currency text NOT NULL,
  PRIMARY KEY (org_id, customer_id, from_day, currency),
  FOREIGN KEY (org_id, customer_id) REFERENCES customer (org_id, id) ON DELETE CASCADE
);

-- Sums of the ledger per day over all customers: what adds up over days at any grain (db/queries/rollups.ts).
CREATE TABLE day_rollup (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
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
  PRIMARY KEY (org_id, day)
);

-- Sums per calendar month of what looks at a customer more than once.
CREATE TABLE month_rollup (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
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
  -- changes at this month's end of: sum(now | then > 0) and sum(min(then, now)), then = 12 months before
  kept_annual numeric(38, 12) NOT NULL DEFAULT 0,
  floor_annual numeric(38, 12) NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, month)
);

-- Changes per month of first payment and calendar month; their running sum along month is the cohort's state.
CREATE TABLE cohort_rollup (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  cohort date NOT NULL,
  month date NOT NULL,
  customers bigint NOT NULL DEFAULT 0,
  net_annual numeric(38, 12) NOT NULL DEFAULT 0,
  gross_annual numeric(38, 12) NOT NULL DEFAULT 0,
  -- of this month alone: active in it, and not at its end (policy cohort_cell)
  left_customers bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, cohort, month)
);

CREATE TABLE cohort_size (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  cohort date NOT NULL,
  customers bigint NOT NULL DEFAULT 0,
  initial_annual numeric(38, 12) NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, cohort)
);

-- After a large change the planner must not wait for autovacuum: with yesterday's statistics it takes a large
-- organisation for an empty one, and a page takes half a minute. Only an owner may ANALYZE.
CREATE FUNCTION analyse_facts() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  ANALYZE app.customer, app.subscription_version, app.movement, app.transaction;
END $$;
REVOKE ALL ON FUNCTION analyse_facts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analyse_facts TO jarvis_app, jarvis_worker, jarvis_maint;

-- What an import, an undo or a change of policy did to months that were already closed.
CREATE TABLE restatement (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  cause text NOT NULL,
  upload_id uuid,
  actor_id uuid,
  month date NOT NULL,
  before_annual numeric(38, 12) NOT NULL,
  after_annual numeric(38, 12) NOT NULL,
  rows bigint,
  PRIMARY KEY (org_id, id, month)
);
CREATE INDEX restatement_at ON restatement (org_id, at);

-- ── the tenant wall ──────────────────────────────────────────────────────────────────────────────────────────────

DO $$
DECLARE
  t text;
BEGIN
  FOR t IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
    WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND c.relname <> 'session'
  LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY tenant ON app.%I USING (org_id = (SELECT nullif(current_setting(''app.org_id'', true), ''''))::uuid) '
      'WITH CHECK (org_id = (SELECT nullif(current_setting(''app.org_id'', true), ''''))::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO jarvis_app, jarvis_worker, jarvis_maint', t);
  END LOOP;
END $$;

-- a person may see which organisations they belong to before one is chosen
CREATE POLICY own_memberships ON membership FOR SELECT
  USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON organisation, "user", session TO jarvis_app, jarvis_worker, jarvis_maint;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO jarvis_app, jarvis_worker, jarvis_maint;
-- append-only
REVOKE UPDATE, DELETE ON audit_log FROM jarvis_app, jarvis_worker;

-- the instance's own organisation: personal mails and instance-wide audit rows belong to it
INSERT INTO organisation (id, name) VALUES ('00000000-0000-0000-0000-000000000000', 'Jarvis360');
