-- What every written row pays for. The wall read the organisation once per statement, as text, and made an id of it for every row;
-- now the id, too, is made once.
SET LOCAL search_path TO app;

CREATE OR REPLACE FUNCTION build_wall(tenant_table regclass) RETURNS void LANGUAGE plpgsql SET search_path = app, pg_catalog AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format(
    'CREATE POLICY tenant ON %s USING (org_id = (SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid)) '
    'WITH CHECK (org_id = (SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid))', tenant_table);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO jarvis_app, jarvis_worker, jarvis_maint', tenant_table);
END $$;

DO $$
DECLARE
  walled regclass;
BEGIN
  FOR walled IN
    SELECT p.polrelid::regclass FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE p.polname = 'tenant' AND c.relnamespace = 'app'::regnamespace AND p.polcmd = '*'
      AND pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid)
      AND pg_get_expr(p.polqual, p.polrelid) LIKE '(org_id = (%app.org_id%)::uuid)'
  LOOP
    EXECUTE format(
      'ALTER POLICY tenant ON %s USING (org_id = (SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid)) '
      'WITH CHECK (org_id = (SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid))', walled);
  END LOOP;
END $$;

-- A refresh changes thousands of rows of rollups: each made the key to its organisation look whether it is still the same, and each new one
-- looked the organisation up.
ALTER TABLE day_rollup DROP CONSTRAINT day_rollup_org_id_fkey;
ALTER TABLE month_rollup DROP CONSTRAINT month_rollup_org_id_fkey;
ALTER TABLE level_rollup DROP CONSTRAINT level_rollup_org_id_fkey;
ALTER TABLE cohort_rollup DROP CONSTRAINT cohort_rollup_org_id_fkey;
ALTER TABLE cohort_size DROP CONSTRAINT cohort_size_org_id_fkey;

CREATE FUNCTION forget_rollups() RETURNS trigger LANGUAGE plpgsql SET search_path = app AS $$
BEGIN
  DELETE FROM day_rollup WHERE org_id = OLD.id;
  DELETE FROM month_rollup WHERE org_id = OLD.id;
  DELETE FROM level_rollup WHERE org_id = OLD.id;
  DELETE FROM cohort_rollup WHERE org_id = OLD.id;
  DELETE FROM cohort_size WHERE org_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_rollups AFTER DELETE ON organisation FOR EACH ROW EXECUTE FUNCTION forget_rollups();
