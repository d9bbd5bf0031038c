-- Customers that count as another, what counts in no number, and what finance knows of each month.
SET LOCAL search_path TO app;

-- ── merged customers ─────────────────────────────────────────────────────────────────────────────────────────────

-- Rows of money that a merge moved say whose they were, so that a split can bring each of them back. What files say of a
-- customer (customer_fact, mrr_month) stays where it is: versions of mrr_by_month are made for whom the customer counts as.
ALTER TABLE subscription_version ADD COLUMN merged_from bigint;
ALTER TABLE transaction ADD COLUMN merged_from bigint;

-- One row per merged customer. It has customer.excluded_reason 'merged' meanwhile, which keeps its own, empty row out of
-- every list and number. No foreign keys to customer: checking them row by row would slow the undo of a large import;
-- db/queries/import-undo.ts leaves both sides of a merge alone.
CREATE TABLE customer_merge (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  customer_id bigint NOT NULL,
  -- the customer that it was merged into
  into_id bigint NOT NULL,
  -- the customer that it counts as by now: the end of the chain
  root_id bigint NOT NULL,
  merged_by uuid,
  merged_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, customer_id)
);
CREATE INDEX customer_merge_root ON customer_merge (org_id, root_id);
SELECT build_wall('customer_merge');

-- ── what leaves every number ─────────────────────────────────────────────────────────────────────────────────────

-- Of kind customer, `target` is the id as uploaded, and customer.excluded_reason says the same to the queries.
CREATE TABLE exclusion (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('customer', 'plan', 'subscription')),
  target text NOT NULL CHECK (target <> ''),
  reason text NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
-- a name may be longer than an index entry
CREATE UNIQUE INDEX exclusion_once ON exclusion (org_id, kind, md5(target));
SELECT build_wall('exclusion');

-- ── finance inputs ───────────────────────────────────────────────────────────────────────────────────────────────

-- In the currency they were given in; valued at the exchange rate of the month's end. Null: not given.
CREATE TABLE finance_month (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  month date NOT NULL,
  currency text NOT NULL,
  revenue numeric(38, 12),
  -- operating profit; a loss is negative
  profit numeric(38, 12),
  -- cash spent less cash received; negative: cash came in
  net_burn numeric(38, 12),
  -- share of revenue, 0.8 = 80 %
  gross_margin numeric(38, 12) CHECK (gross_margin <= 1),
  updated_by uuid,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, month)
);
SELECT build_wall('finance_month');
