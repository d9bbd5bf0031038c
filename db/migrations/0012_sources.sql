-- Billing systems that are read by themselves: what is known of each, and everything that it said.
SET LOCAL search_path TO app;

CREATE TABLE source (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('stripe')),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
  status text NOT NULL DEFAULT 'connecting' CHECK (status IN ('connecting', 'backfilling', 'live', 'error', 'paused')),
  -- sealed (db/secrets.ts): credentials, and signing secrets of webhooks as a list
  credentials text NOT NULL,
  webhook_secrets text,
  webhook_secret_count int NOT NULL DEFAULT 0,
  key_hint text,
  options jsonb NOT NULL DEFAULT '{}',
  account_id text,
  account_name text,
  livemode boolean,
  -- seconds since 1970 by the vendor's clock: a backfill reads what was made before it, changes are read from it on
  frozen_at bigint,
  changes_cursor text,
  -- seconds too: since then every event has been heard of
  heard_since bigint,
  last_event_at timestamptz,
  synced_at timestamptz,
  next_sync_at timestamptz,
  error_code text,
  error_message text,
  error_at timestamptz,
  -- how often in a row something went wrong: the wait before the next try grows with it
  failures int NOT NULL DEFAULT 0,
  -- what it says of customers stands in the order of uploads: a newer upload wins over it
  seq bigint NOT NULL DEFAULT nextval('app.upload_seq'),
  -- counts up with every connect, pause, resume and new key: a job of an earlier one stops
  run int NOT NULL DEFAULT 1,
  -- null: connected. keep: the numbers stay, and the same account connected again is this source again. remove: a job takes everything
  disconnected text CHECK (disconnected IN ('keep', 'remove')),
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX source_account ON source (org_id, kind, account_id, livemode) WHERE disconnected IS DISTINCT FROM 'remove';
SELECT build_wall('source');
-- a webhook names its source before the organisation is known
CREATE INDEX source_address ON source (id);
CREATE POLICY webhook_address ON source FOR SELECT
  USING (id = (SELECT nullif(current_setting('app.source_id', true), ''))::uuid);

-- The key that an organisation's secrets are sealed with, itself sealed with a key of SECRET_KEYS (`kid`). It goes with the
-- organisation: what copies still hold of its secrets can then be opened by nobody.
CREATE TABLE data_key (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  -- stands in every secret that it seals; rotation of SECRET_KEYS does not change it
  id text NOT NULL,
  kid text NOT NULL,
  wrapped text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id)
);
SELECT build_wall('data_key');

-- Somebody on the way to the vendor's page and back: one use, within minutes, in the same browser session.
CREATE TABLE source_authorisation (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  state_hash bytea NOT NULL,
  -- the PKCE verifier, sealed
  verifier text NOT NULL,
  session_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, id)
);
SELECT build_wall('source_authorisation');

-- Where a backfill of a stream is. The cursor and the page's objects commit together.
CREATE TABLE source_stream (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'ok', 'forbidden', 'error')),
  message text,
  cursor text,
  done bigint NOT NULL DEFAULT 0,
  finished_at timestamptz,
  PRIMARY KEY (org_id, source_id, name),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
SELECT build_wall('source_stream');

-- The vendor's objects as they are now, raw; one that was deleted stays as it was last, and says so. `at` is the vendor's clock
-- when it was last read, in milliseconds: an older answer never overwrites a newer one.
CREATE TABLE source_object (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  stream text NOT NULL,
  id text NOT NULL,
  customer_id text,
  parent_id text,
  body jsonb NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  at bigint NOT NULL,
  api_version text NOT NULL,
  PRIMARY KEY (org_id, source_id, stream, id),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
DO $$ BEGIN
  -- several times faster than what Postgres does by itself
  ALTER TABLE source_object ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL; -- a server that was built without it
END $$;
CREATE INDEX source_object_customer ON source_object (org_id, source_id, customer_id, stream) WHERE customer_id IS NOT NULL;
CREATE INDEX source_object_parent ON source_object (org_id, source_id, stream, parent_id) WHERE parent_id IS NOT NULL;
SELECT build_wall('source_object');

-- What an object was before: written when a newer state overwrites another one of a subscription or one of its items.
CREATE TABLE source_object_version (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  stream text NOT NULL,
  id text NOT NULL,
  at bigint NOT NULL,
  customer_id text,
  parent_id text,
  body jsonb NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  PRIMARY KEY (org_id, source_id, stream, id, at),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
CREATE INDEX source_object_version_customer ON source_object_version (org_id, source_id, customer_id);
SELECT build_wall('source_object_version');

-- Events as they came, by webhook or by polling: the same one twice is one row.
CREATE TABLE source_event (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  id text NOT NULL,
  type text NOT NULL,
  stream text NOT NULL,
  object_id text NOT NULL,
  customer_id text,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  -- null: waiting for its object to be fetched
  applied_at timestamptz,
  body jsonb NOT NULL,
  PRIMARY KEY (org_id, source_id, id),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
CREATE INDEX source_event_waiting ON source_event (org_id, source_id) WHERE applied_at IS NULL;
CREATE INDEX source_event_customer ON source_event (org_id, source_id, customer_id, at) WHERE customer_id IS NOT NULL;
SELECT build_wall('source_event');

-- Customers whose facts have to be derived again: marked in the transaction that changed an object of theirs.
CREATE TABLE source_stale_customer (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  customer_id text NOT NULL,
  marked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, source_id, customer_id),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
SELECT build_wall('source_stale_customer');

-- Which objects that belong to nobody (prices, coupons) a customer's facts were made from, those that could not be had among
-- them: when one of them comes or changes, these customers are stale.
CREATE TABLE source_reference (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  stream text NOT NULL,
  id text NOT NULL,
  customer_id text NOT NULL,
  PRIMARY KEY (org_id, source_id, stream, id, customer_id),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
CREATE INDEX source_reference_customer ON source_reference (org_id, source_id, customer_id);
SELECT build_wall('source_reference');

-- What could not be used, by customer; replaced whenever the customer is derived.
CREATE TABLE source_warning (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  customer_id text NOT NULL,
  no int NOT NULL,
  message text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, source_id, customer_id, no),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
SELECT build_wall('source_warning');

-- Facts that came from a source rather than from a line of a file. Null amounts: the same as `annual` (all discounts).
ALTER TABLE subscription_version
  ADD COLUMN source_id uuid,
  -- per year after the recurring discounts, and after those that run for ever
  ADD COLUMN annual_recurring numeric(38, 12),
  ADD COLUMN annual_forever numeric(38, 12),
  -- the end of the last paid period of a version that is past due or unpaid
  ADD COLUMN past_due_since timestamptz,
  ADD COLUMN past_due_day date,
  -- when it was paid, or else when the subscription ended or became unpaid because it was not
  ADD COLUMN past_due_paid_at timestamptz,
  ADD COLUMN past_due_paid_day date,
  ADD COLUMN past_due_lost_at timestamptz,
  ADD COLUMN past_due_lost_day date,
  ADD COLUMN cancel_requested_at timestamptz,
  ADD COLUMN cancel_day date,
  -- exact, invoice, inferred
  ADD COLUMN confidence text,
  -- 'subscription:sub_1', 'invoice:in_1': what it was read from
  ADD COLUMN evidence text[],
  ADD COLUMN note text;
CREATE INDEX subscription_version_late ON subscription_version (org_id, past_due_day) WHERE past_due_day IS NOT NULL;
ALTER TABLE organisation
  -- some facts came from a source: without any, queries ask nothing of what only sources know
  ADD COLUMN sourced boolean NOT NULL DEFAULT false,
  -- up to this day graces that ran out are in the ledger
  ADD COLUMN settled_day date;
CREATE INDEX subscription_version_source ON subscription_version (org_id, source_id) WHERE source_id IS NOT NULL;
-- said by a source: `upload_id`, a part of the key, is then the source's id too
ALTER TABLE customer_fact ADD COLUMN source_id uuid;
ALTER TABLE transaction ADD COLUMN source_id uuid, ADD COLUMN evidence text, ALTER COLUMN upload_id DROP NOT NULL,
  ALTER COLUMN line DROP NOT NULL;
ALTER TABLE restatement ADD COLUMN source_id uuid;

-- The vendor's own figures, given to be compared with: "MRR per subscriber per month".
CREATE TABLE source_oracle (
  org_id uuid NOT NULL,
  source_id uuid NOT NULL,
  customer_id text NOT NULL,
  month date NOT NULL,
  mrr numeric(38, 12) NOT NULL,
  currency text NOT NULL,
  PRIMARY KEY (org_id, source_id, customer_id, month, currency),
  FOREIGN KEY (org_id, source_id) REFERENCES source (org_id, id) ON DELETE CASCADE
);
SELECT build_wall('source_oracle');
ALTER TABLE source ADD COLUMN oracle_name text, ADD COLUMN oracle_at timestamptz;
