-- Later migrations put their tables behind the tenant wall with this: forced row-level security by org_id, and the rights
-- that 0001 gives its own.
SET LOCAL search_path TO app;
CREATE FUNCTION build_wall(tenant_table regclass) RETURNS void LANGUAGE plpgsql SET search_path = app, pg_catalog AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format(
    'CREATE POLICY tenant ON %s USING (org_id = (SELECT nullif(current_setting(''app.org_id'', true), ''''))::uuid) '
    'WITH CHECK (org_id = (SELECT nullif(current_setting(''app.org_id'', true), ''''))::uuid)', tenant_table);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO jarvis_app, jarvis_worker, jarvis_maint', tenant_table);
END $$;
REVOKE ALL ON FUNCTION build_wall FROM PUBLIC;
