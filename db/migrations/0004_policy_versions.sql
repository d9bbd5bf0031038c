-- Every metric policy that an organisation has had: what was in force, from when on, and who chose it. The row of a version is
-- written in the transaction that puts it in force; nothing changes it later.
SET LOCAL search_path TO app;

CREATE TABLE policy_version (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  version int NOT NULL,
  preset text NOT NULL,
  -- all rules as they were in force, so that a preset which changes later does not rewrite the past
  policy jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid,
  PRIMARY KEY (org_id, version)
);
SELECT build_wall('app.policy_version');
REVOKE UPDATE, DELETE ON policy_version FROM jarvis_app, jarvis_worker;
