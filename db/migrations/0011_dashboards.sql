-- Dashboards are shared documents (0008). What a row says of its document is a projection: true as of `projected_seq` of
-- `projected_epoch`; whoever reads and finds the document ahead makes it afresh (db/queries/dashboards.ts).
SET LOCAL search_path TO app;

ALTER TABLE dashboard
  ADD COLUMN projected_epoch bigint,
  ADD COLUMN projected_seq bigint NOT NULL DEFAULT -1,
  ADD COLUMN archived_at timestamptz,
  -- documents may hold any text, jsonb does not take all of it
  ALTER COLUMN widgets DROP DEFAULT,
  ALTER COLUMN widgets TYPE json USING widgets::json,
  ALTER COLUMN widgets SET DEFAULT '{}',
  ALTER COLUMN filters DROP DEFAULT,
  ALTER COLUMN filters TYPE json USING filters::json,
  ALTER COLUMN filters SET DEFAULT '{}';
CREATE INDEX dashboard_live ON dashboard (org_id, id) WHERE archived_at IS NULL;

-- dashboards that were rows until now get their documents from this job
SET LOCAL ROLE jarvis_worker;
DO $$
DECLARE
  org uuid;
BEGIN
  FOR org IN SELECT id FROM organisation LOOP
    PERFORM set_config('app.org_id', org::text, true);
    PERFORM jobs.enqueue('seedDashboards', jsonb_build_object('orgId', org), '{}'::jsonb);
  END LOOP;
END $$;
