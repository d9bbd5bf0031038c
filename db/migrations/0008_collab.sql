-- Shared documents (Yjs): a log of updates per document, snapshots of it, and who wrote under which client id.
-- An update is acknowledged and shown to others when its transaction has committed, so this log is the document.
SET LOCAL search_path TO app;

CREATE TABLE collab_doc (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  doc_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('dashboard', 'scenario')),
  -- random: a document that was brought back from a backup never has an epoch that its clients have seen
  epoch bigint NOT NULL,
  schema_version int NOT NULL DEFAULT 1,
  -- seq of the last update; they are dense, so that a gap always means "missed"
  head_seq bigint NOT NULL DEFAULT 0,
  -- all updates up to here are in the snapshot
  snap_seq bigint NOT NULL DEFAULT 0,
  -- of the updates since the snapshot
  tail_bytes bigint NOT NULL DEFAULT 0,
  -- set: nobody may open it
  closed_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, doc_id)
) WITH (fillfactor = 70);

CREATE TABLE collab_update (
  org_id uuid NOT NULL,
  doc_id uuid NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  -- null: the server itself
  user_id uuid,
  node_id uuid NOT NULL,
  -- the same bytes again are the same update
  sha bytea NOT NULL CHECK (octet_length(sha) = 16),
  data bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, doc_id, epoch, seq),
  UNIQUE (org_id, doc_id, epoch, sha),
  FOREIGN KEY (org_id, doc_id) REFERENCES collab_doc (org_id, doc_id) ON DELETE CASCADE
);

CREATE TABLE collab_snapshot (
  org_id uuid NOT NULL,
  doc_id uuid NOT NULL,
  epoch bigint NOT NULL,
  upto_seq bigint NOT NULL,
  state bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, doc_id, epoch, upto_seq),
  FOREIGN KEY (org_id, doc_id) REFERENCES collab_doc (org_id, doc_id) ON DELETE CASCADE
);

-- A Yjs client id belongs to whoever used it first; compaction leaves this alone. user_id null: the server.
CREATE TABLE collab_client (
  org_id uuid NOT NULL,
  doc_id uuid NOT NULL,
  epoch bigint NOT NULL,
  client_id bigint NOT NULL,
  user_id uuid,
  PRIMARY KEY (org_id, doc_id, epoch, client_id),
  FOREIGN KEY (org_id, doc_id) REFERENCES collab_doc (org_id, doc_id) ON DELETE CASCADE
);

CREATE TABLE collab_version (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  doc_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('named', 'daily', 'before_restore')),
  label text NOT NULL DEFAULT '' CHECK (char_length(label) <= 200),
  seq bigint NOT NULL,
  state bytea NOT NULL,
  -- null: made by the server
  user_id uuid,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, doc_id) REFERENCES collab_doc (org_id, doc_id) ON DELETE CASCADE
);
CREATE INDEX collab_version_of ON collab_version (org_id, doc_id, id);

ALTER TABLE collab_update ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE collab_snapshot ALTER COLUMN state SET STORAGE EXTERNAL;

SELECT build_wall('collab_doc'), build_wall('collab_update'), build_wall('collab_snapshot'), build_wall('collab_client'),
  build_wall('collab_version');

CREATE FUNCTION new_epoch() RETURNS bigint LANGUAGE sql VOLATILE SET search_path = pg_catalog AS $$
  SELECT ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint * 32768
    + (('x' || right(gen_random_uuid()::text, 4))::bit(16)::int & 32767)
$$;
REVOKE ALL ON FUNCTION new_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION new_epoch TO jarvis_app, jarvis_worker, jarvis_maint;

-- After a backup was brought back: clients that are ahead of it must not merge silently.
CREATE FUNCTION renew_epochs() RETURNS void LANGUAGE plpgsql SET search_path = app, pg_catalog AS $$
BEGIN
  CREATE TEMP TABLE renewed ON COMMIT DROP AS SELECT org_id, doc_id, new_epoch() AS epoch FROM collab_doc;
  UPDATE collab_doc d SET epoch = r.epoch FROM renewed r WHERE (d.org_id, d.doc_id) = (r.org_id, r.doc_id);
  UPDATE collab_update d SET epoch = r.epoch FROM renewed r WHERE (d.org_id, d.doc_id) = (r.org_id, r.doc_id);
  UPDATE collab_snapshot d SET epoch = r.epoch FROM renewed r WHERE (d.org_id, d.doc_id) = (r.org_id, r.doc_id);
  UPDATE collab_client d SET epoch = r.epoch FROM renewed r WHERE (d.org_id, d.doc_id) = (r.org_id, r.doc_id);
END $$;
REVOKE ALL ON FUNCTION renew_epochs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION renew_epochs TO jarvis_maint;
