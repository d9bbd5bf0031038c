-- Filters whose sums are kept beside those of single values, because people ask for them (docs/decisions/015-slices.md): two attributes
-- at once, or one value of very many.
SET LOCAL search_path TO app;

CREATE TABLE kept_filter (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  -- where a slice's id stands in the rollups
  id int NOT NULL DEFAULT nextval('app.slice_id'),
  -- one value of each key: {"country": "DE", "plan": "Pro"}
  filter jsonb NOT NULL,
  -- the slices of those values: whoever counts in all of them counts here; null: there are no sums yet
  slices int[],
  asked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX kept_filter_name ON kept_filter (org_id, md5(filter::text));
SELECT build_wall('kept_filter');
