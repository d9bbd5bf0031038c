-- The one door to the queue for app and worker: graphile_worker's own tables stay closed to them.
SET LOCAL ROLE jarvis_queue;

CREATE SCHEMA jobs;
GRANT USAGE ON SCHEMA jobs TO jarvis_app, jarvis_worker, jarvis_maint;

CREATE FUNCTION jobs.enqueue(task text, payload jsonb, options jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  job_id bigint;
  org text := nullif(current_setting('app.org_id', true), '');
BEGIN
  IF payload ->> 'orgId' IS DISTINCT FROM org THEN
    RAISE EXCEPTION 'job for organisation % enqueued from organisation %', payload ->> 'orgId', org
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT (graphile_worker.add_job(
    task, payload::json,
    queue_name => options ->> 'queue',
    job_key => options ->> 'key',
    job_key_mode => coalesce(options ->> 'keyMode', 'replace'),
    run_at => (options ->> 'runAt')::timestamptz,
    max_attempts => (options ->> 'maxAttempts')::int,
    priority => (options ->> 'priority')::int
  )).id INTO job_id;
  RETURN job_id;
END $$;
REVOKE ALL ON FUNCTION jobs.enqueue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.enqueue TO jarvis_app, jarvis_worker, jarvis_maint;

-- Each worker process says that it lives; workers/sweeper.ts frees the jobs of those that fell silent.
CREATE TABLE jobs.heartbeat (
  pool_id text PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);

-- A task calls this inside the transaction of an effect: it holds the job's row until that transaction ends, so that a
-- worker which was taken for dead, and whose job another took over, cannot write any more.
CREATE FUNCTION jobs.require_lease(job_id bigint, attempt int)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM FROM graphile_worker._private_jobs AS job
  WHERE job.id = job_id AND job.attempts = attempt AND job.locked_by IS NOT NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another worker took over job %', job_id USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END $$;
REVOKE ALL ON FUNCTION jobs.require_lease FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.require_lease TO jarvis_worker;
