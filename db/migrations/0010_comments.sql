-- What people say about numbers: threads pinned to a cell, a point, a widget or a dashboard.
SET LOCAL search_path TO app;

CREATE TABLE comment_thread (
  org_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  -- also the id of the comment that began it
  id uuid NOT NULL,
  -- null: a cell of the cohort page
  dashboard_id uuid,
  -- as the document names it; the widget may be gone by now
  widget_id text CHECK (char_length(widget_id) <= 100),
  kind text NOT NULL CHECK (kind IN ('cohort_cell', 'point', 'widget', 'dashboard')),
  -- contracts/comments.ts: the coordinate in the data, not on the screen
  path jsonb NOT NULL DEFAULT '{}',
  -- what the widget was called and what the number was when the thread began
  label text CHECK (char_length(label) <= 200),
  shown text CHECK (char_length(shown) <= 100),
  -- how many comments it ever had: the number of the last one
  last_no int NOT NULL DEFAULT 1,
  last_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  resolved_by uuid REFERENCES "user" (id) ON DELETE SET NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, dashboard_id) REFERENCES dashboard (org_id, id) ON DELETE CASCADE
);
CREATE INDEX comment_thread_last ON comment_thread (org_id, last_at, id);
CREATE INDEX comment_thread_dashboard ON comment_thread (org_id, dashboard_id, last_at);

CREATE TABLE comment (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  thread_id uuid NOT NULL,
  -- 1, 2, 3, …: given out under the thread's row lock, so that "read up to" means the same to everybody
  no int NOT NULL,
  -- null: the account is gone
  author_id uuid REFERENCES "user" (id) ON DELETE SET NULL,
  body text NOT NULL CHECK (char_length(body) <= 10000),
  created_at timestamptz NOT NULL DEFAULT now(),
  edited_at timestamptz,
  -- the text is erased then; the place stays, so that answers keep their context
  deleted_at timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, thread_id) REFERENCES comment_thread (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX comment_order ON comment (org_id, thread_id, no);

-- Who is named in a comment. mailed_at: told by mail, or not to be told any more.
CREATE TABLE comment_mention (
  org_id uuid NOT NULL,
  comment_id uuid NOT NULL,
  user_id uuid NOT NULL,
  mailed_at timestamptz,
  PRIMARY KEY (org_id, comment_id, user_id),
  FOREIGN KEY (org_id, comment_id) REFERENCES comment (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, user_id) REFERENCES membership (org_id, user_id) ON DELETE CASCADE
);
CREATE INDEX comment_mention_waiting ON comment_mention (org_id, user_id) WHERE mailed_at IS NULL;

-- How far somebody has read a thread, and whether it is in their inbox (they wrote in it or were named in it).
CREATE TABLE comment_reader (
  org_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  user_id uuid NOT NULL,
  read_no int NOT NULL DEFAULT 0,
  follows boolean NOT NULL DEFAULT false,
  PRIMARY KEY (org_id, thread_id, user_id),
  FOREIGN KEY (org_id, thread_id) REFERENCES comment_thread (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, user_id) REFERENCES membership (org_id, user_id) ON DELETE CASCADE
);
CREATE INDEX comment_reader_inbox ON comment_reader (org_id, user_id) WHERE follows;

SELECT app.build_wall('app.comment_thread'), app.build_wall('app.comment'), app.build_wall('app.comment_mention'),
  app.build_wall('app.comment_reader');
