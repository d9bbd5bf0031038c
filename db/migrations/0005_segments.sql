-- Saved filters, and what people write on the time axis.
SET LOCAL search_path TO app;

CREATE TABLE segment (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL CHECK (char_length(name) <= 200),
  color text,
  -- contracts/segments.ts: conditions in groups of all and any
  expression jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX segment_name ON segment (org_id, lower(name));

CREATE TABLE annotation (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  day date NOT NULL,
  title text NOT NULL CHECK (char_length(title) <= 200),
  body text CHECK (char_length(body) <= 2000),
  -- the address as it was then: the note outlives the membership
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE INDEX annotation_day ON annotation (org_id, day, id);

SELECT app.build_wall('app.segment'), app.build_wall('app.annotation');
