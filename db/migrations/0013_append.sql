-- Storing edits of shared documents is one statement, so that its whole transaction is one round trip: everybody at the document waits
-- for it.
SET LOCAL search_path TO app;

-- Appends to the logs of several documents of one organisation, all that can be, and says of each document what became of its edits
-- (server/rooms/storage.ts): `shut` why nobody may write it, `strangers` who of its writers may not, `taken` which client ids belong to
-- somebody else. Nothing of a document that has one of these is stored. Bytes that are stored already get no second place.
-- One plan for all calls: making a new one takes longer than what it does.
CREATE FUNCTION append_updates(
  org uuid, node uuid, editor_roles text[],
  doc_ids uuid[], doc_epochs bigint[],
  -- one entry per edit, in order; a user that is null is the server
  edit_docs uuid[], edit_users uuid[], edit_shas bytea[], edit_data bytea[],
  -- one entry per client id that is used for the first time
  claim_docs uuid[], claim_users uuid[], claim_clients bigint[],
  -- a log that has grown by another so much is to be made into a snapshot
  long_updates bigint, long_bytes bigint
) RETURNS TABLE (doc_id uuid, shut text, strangers uuid[], taken bigint[], previous_seq bigint, last_seq bigint)
LANGUAGE plpgsql SET search_path = app, pg_catalog SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  verdict record;
BEGIN
  -- in order, so that two processes never wait for each other; from here on the order of a log is that of its commits
  PERFORM FROM collab_doc WHERE org_id = org AND doc_id = ANY (doc_ids) ORDER BY doc_id FOR NO KEY UPDATE;
  -- a statement of its own: it must see what was committed while this one waited for the lock
  FOR verdict IN
    WITH edit AS MATERIALIZED (
      SELECT * FROM unnest(edit_docs, edit_users, edit_shas, edit_data) WITH ORDINALITY AS given (doc_id, user_id, sha, data, n)
    ), claim AS MATERIALIZED (
      SELECT * FROM unnest(claim_docs, claim_users, claim_clients) AS given (doc_id, user_id, client_id)
    ), stranger AS (
      SELECT doc_id, array_agg(DISTINCT user_id) AS users FROM edit
      WHERE user_id IS NOT NULL AND user_id NOT IN (SELECT user_id FROM membership
        WHERE org_id = org AND user_id = ANY (edit_users) AND role = ANY (editor_roles))
      GROUP BY doc_id
    ), judged AS MATERIALIZED (
      SELECT given.doc_id, given.epoch, d.head_seq, d.snap_seq, d.tail_bytes, users,
        CASE WHEN d.doc_id IS NULL OR d.closed_at IS NOT NULL THEN 'unknown' WHEN d.epoch <> given.epoch THEN 'epoch' END AS shut,
        ARRAY(SELECT client_id FROM claim JOIN collab_client AS owned USING (doc_id, client_id)
          WHERE claim.doc_id = given.doc_id AND owned.org_id = org AND owned.epoch = given.epoch
            AND owned.user_id IS DISTINCT FROM claim.user_id) AS clients
      FROM unnest(doc_ids, doc_epochs) AS given (doc_id, epoch)
      LEFT JOIN collab_doc AS d ON d.org_id = org AND d.doc_id = given.doc_id
      LEFT JOIN stranger ON stranger.doc_id = given.doc_id
    ), open AS (
      SELECT * FROM judged WHERE shut IS NULL AND users IS NULL AND clients = '{}'
    ), owning AS (
      INSERT INTO collab_client (org_id, doc_id, epoch, client_id, user_id)
      SELECT org, doc_id, epoch, client_id, user_id FROM claim JOIN open USING (doc_id) ON CONFLICT DO NOTHING
    ), fresh AS (
      SELECT DISTINCT ON (doc_id, sha) edit.*, epoch, head_seq FROM edit JOIN open USING (doc_id)
      -- lateral: one look into the index per edit, however this is planned
      LEFT JOIN LATERAL (SELECT true AS is_known FROM collab_update AS u WHERE u.org_id = org AND u.doc_id = edit.doc_id
        AND u.epoch = open.epoch AND u.sha = edit.sha LIMIT 1) AS known ON true
      WHERE is_known IS NULL ORDER BY doc_id, sha, n
    ), made AS (
      INSERT INTO collab_update (org_id, doc_id, epoch, seq, user_id, node_id, sha, data)
      SELECT org, doc_id, epoch, head_seq + row_number() OVER (PARTITION BY doc_id ORDER BY n), user_id, node, sha, data
      FROM fresh RETURNING doc_id, octet_length(data) AS size
    ), added AS (
      SELECT doc_id, count(*) AS count, sum(size) AS bytes FROM made GROUP BY doc_id
    ), moved AS (
      UPDATE collab_doc AS d SET head_seq = head_seq + count, tail_bytes = tail_bytes + bytes, updated_at = now()
      FROM added WHERE d.org_id = org AND d.doc_id = added.doc_id
    )
    SELECT doc_id, shut, users, clients, head_seq, coalesce(count, 0) AS count,
      (head_seq - snap_seq) / long_updates <> (head_seq - snap_seq + count) / long_updates
        OR tail_bytes / long_bytes <> (tail_bytes + bytes) / long_bytes AS is_long
    FROM judged LEFT JOIN added USING (doc_id)
  LOOP
    IF verdict.is_long THEN
      PERFORM jobs.enqueue('compactDocument', jsonb_build_object('orgId', org, 'docId', verdict.doc_id),
        jsonb_build_object('key', 'compact:' || verdict.doc_id));
    END IF;
    doc_id := verdict.doc_id;
    shut := verdict.shut;
    strangers := coalesce(verdict.users, '{}');
    taken := verdict.clients;
    previous_seq := verdict.head_seq;
    last_seq := verdict.head_seq + verdict.count;
    RETURN NEXT;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION append_updates FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_updates TO jarvis_app, jarvis_worker, jarvis_maint;
