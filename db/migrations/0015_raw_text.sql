-- The vendor's objects are kept as text: nobody looks into them with SQL but to show one line of an invoice, and taking JSON apart
-- into jsonb (and putting it together again for each who derives) was most of what a backfill cost.
SET LOCAL search_path TO app;

ALTER TABLE source_object ALTER COLUMN body TYPE text USING body::text;
ALTER TABLE source_object_version ALTER COLUMN body TYPE text USING body::text;
DO $$ BEGIN
  ALTER TABLE source_object ALTER COLUMN body SET COMPRESSION lz4;
  ALTER TABLE source_object_version ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL; -- a server that was built without it
END $$;
