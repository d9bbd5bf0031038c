-- A refresh changes rows of rollups in place, again and again. With room on the page the new row stays beside the old one and no index
-- hears of it; on full pages each went to the end of the table, and into the index.
SET LOCAL search_path TO app;

ALTER TABLE day_rollup SET (fillfactor = 60);
ALTER TABLE month_rollup SET (fillfactor = 60);
ALTER TABLE level_rollup SET (fillfactor = 60);
ALTER TABLE cohort_rollup SET (fillfactor = 60);
ALTER TABLE cohort_size SET (fillfactor = 60);

-- Who has a value of a key that has no rollups, because it has very many values (slice_key.kept = 'tags'): few customers each, which
-- are looked up here. That a customer counts in a slice is what customer_slice says as well.
CREATE TABLE slice_member (
  org_id uuid NOT NULL,
  slice int NOT NULL,
  customer_id bigint NOT NULL,
  PRIMARY KEY (org_id, slice, customer_id)
);
SELECT build_wall('slice_member');

-- no foreign key: its checks take longer than the rows (0001_foundation.sql)
CREATE FUNCTION forget_slice_members() RETURNS trigger LANGUAGE plpgsql SET search_path = app AS $$
BEGIN
  DELETE FROM slice_member WHERE org_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_slice_members AFTER DELETE ON organisation FOR EACH ROW EXECUTE FUNCTION forget_slice_members();

SET LOCAL ROLE jarvis_worker;
DO $$
DECLARE
  org uuid;
BEGIN
  FOR org IN SELECT id FROM organisation WHERE slices_built LOOP
    PERFORM set_config('app.org_id', org::text, true);
    INSERT INTO slice_member (org_id, slice, customer_id)
    SELECT org, s.slices[k.position], s.customer_id FROM customer_slice s JOIN slice_key k ON k.org_id = org AND k.kept = 'tags'
    WHERE s.org_id = org AND s.slices[k.position] IS NOT NULL;
  END LOOP;
END $$;
