-- Sums that are kept beside those of slices by month, because people ask for them (docs/decisions/015-slices.md): of several values at
-- once, of one value of very many, or by another grain.
SET LOCAL search_path TO app;

CREATE TABLE kept_sums (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  -- where a slice's id stands in the rollups
  id int NOT NULL DEFAULT nextval('app.slice_id'),
  -- one value of each key: {"country": "DE", "plan": "Pro"}; {}: everybody
  filter jsonb NOT NULL,
  grain text NOT NULL CHECK (grain IN ('day', 'week', 'month', 'quarter', 'year')),
  -- weeks: the day on which they begin; quarters and years: the month; else 1
  begins int NOT NULL,
  -- the slices of the filter's values: whoever counts in all of them counts here; null: there are no sums yet
  slices int[],
  asked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX kept_sums_name ON kept_sums (org_id, md5(filter::text), grain, begins);
SELECT build_wall('kept_sums');
