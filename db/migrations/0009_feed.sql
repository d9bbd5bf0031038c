-- The event log of an organisation: what open pages have to look at again. Each commit that changes something writes which
-- topic, and perhaps which things; never the data itself.
SET LOCAL search_path TO app;

CREATE TABLE org_event (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  -- without a gap and in the order of the commits; null until the transaction commits
  seq bigint,
  topic text NOT NULL CHECK (char_length(topic) BETWEEN 1 AND 60),
  keys jsonb NOT NULL DEFAULT '{}',
  -- of the commit
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX org_event_seq ON org_event (org_id, seq);

-- The last number that was given out. Its row lock makes the order of numbers that of the commits.
CREATE TABLE org_event_head (
  org_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE CASCADE,
  seq bigint NOT NULL
);

SELECT build_wall('org_event'), build_wall('org_event_head');

-- At commit, not before: a long import must not hold everybody else's events back. The notice is heard by the connection
-- that commits (db/database.ts), which then tells other processes.
CREATE FUNCTION number_event() RETURNS trigger LANGUAGE plpgsql SET search_path = app, pg_catalog AS $$
DECLARE
  next bigint;
  kept constant bigint := 2000;
BEGIN
  -- its organisation may have been deleted since
  IF NOT EXISTS (SELECT FROM org_event WHERE org_id = NEW.org_id AND id = NEW.id) THEN
    RETURN NULL;
  END IF;
  INSERT INTO org_event_head AS head (org_id, seq) VALUES (NEW.org_id, 1)
    ON CONFLICT (org_id) DO UPDATE SET seq = head.seq + 1 RETURNING seq INTO next;
  UPDATE org_event SET seq = next, at = clock_timestamp() WHERE org_id = NEW.org_id AND id = NEW.id;
  IF next % 200 = 0 THEN
    DELETE FROM org_event WHERE org_id = NEW.org_id AND seq <= next - kept;
  END IF;
  RAISE NOTICE USING MESSAGE = 'event', ERRCODE = 'J3601';
  -- an import's own connection has nobody who speaks for it after its commit; there is one such commit per import
  IF current_setting('application_name') = 'jarvis360 import' THEN
    PERFORM pg_notify('jarvis_bus', jsonb_build_object('from', 'import', 'messages', jsonb_build_array(
      jsonb_build_object('topic', 'feed', 'payload', jsonb_build_object('orgId', NEW.org_id))))::text);
  END IF;
  RETURN NULL;
END $$;
-- restored rows keep their number
CREATE CONSTRAINT TRIGGER number_event AFTER INSERT ON org_event DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.seq IS NULL) EXECUTE FUNCTION number_event();

-- Numbers and uploads are written by many statements, on several kinds of connections: their tables tell by themselves. What
-- a person does in one place is told there (db/queries/events.ts).
CREATE FUNCTION tell_numbers() RETURNS trigger LANGUAGE plpgsql SET search_path = app, pg_catalog AS $$
BEGIN
  INSERT INTO org_event (org_id, topic, keys) VALUES (NEW.id, 'metrics', jsonb_build_object('version', NEW.metrics_version));
  RETURN NULL;
END $$;
-- outside of an organisation (a restore, an operator's statement) nobody is told
CREATE TRIGGER tell_numbers AFTER UPDATE OF metrics_version ON organisation FOR EACH ROW
  WHEN (NEW.metrics_version <> OLD.metrics_version AND current_setting('app.org_id', true) = NEW.id::text)
  EXECUTE FUNCTION tell_numbers();

CREATE FUNCTION tell_upload() RETURNS trigger LANGUAGE plpgsql SET search_path = app, pg_catalog AS $$
BEGIN
  INSERT INTO org_event (org_id, topic, keys) VALUES (NEW.org_id, 'uploads',
    jsonb_build_object('id', NEW.id, 'status', NEW.status));
  RETURN NULL;
END $$;
CREATE TRIGGER tell_upload AFTER INSERT OR UPDATE ON upload FOR EACH ROW
  WHEN (current_setting('app.org_id', true) = NEW.org_id::text) EXECUTE FUNCTION tell_upload();
