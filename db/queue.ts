import pg from "pg";

/** The queue's own connections, as role jarvis_queue. */
export interface Queue {
  /** For graphile-worker's runner. */
  readonly pool: pg.Pool;
  /**
   * Says that a pool of workers lives: a row that is renewed, and a session lock that Postgres lets go of when the
   * process dies. Never rejects; a lost connection is made again at the next beat.
   */
  beat(poolId: string): Promise<void>;
  /** Takes the sign of life back, at an orderly stop. Never rejects. */
  fallSilent(poolId: string): Promise<void>;
  /**
   * Takes a running job's key away: what asks for it from now on makes a job that waits for its end, and no longer takes its lease.
   * @returns false where that has happened already, and the job that took its place does all that is to be done
   */
  keepOn(jobId: string, attempt: number): Promise<boolean>;
  /** Frees what a pool that has ended still holds. */
  release(poolId: string): Promise<void>;
  /** Whether any process runs jobs on this database. */
  hasWorkers(): Promise<boolean>;
  /**
   * Frees the jobs of pools that hold no lock and were silent for `silentSeconds`, so that another worker takes them.
   * One process at a time sweeps; the others return at once.
   * @returns ids of the pools that were found dead
   */
  sweep(silentSeconds: number): Promise<string[]>;
  close(): Promise<void>;
}

const lockSpace = { life: 360_002, sweep: 360_003 };

/** @param options.onError hears of connections that broke; the pool replaces them by itself */
export function createQueue(options: { url: string; max?: number; onError?: (error: Error) => void }): Queue {
  const onError = options.onError ?? (() => {});
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 10_000,
    onConnect: async (client) => {
      await client.query("SET ROLE jarvis_queue");
    },
  });
  pool.on("error", onError);
  pool.on("connect", (client) => client.on("error", onError));

  // the lock lives as long as its connection: one of its own, apart from the pool
  let life: pg.Client | null = null;

  async function connectLife(poolId: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: options.url, keepAlive: true });
    client.on("error", () => {
      if (life === client) life = null;
    });
    await client.connect();
    try {
      await client.query("SET ROLE jarvis_queue");
      await client.query("SELECT pg_advisory_lock($1, hashtext($2))", [lockSpace.life, poolId]);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    return client;
  }

  return {
    pool,
    async beat(poolId) {
      try {
        life ??= await connectLife(poolId);
        await life.query(
          `INSERT INTO jobs.heartbeat (pool_id) VALUES ($1) ON CONFLICT (pool_id) DO UPDATE SET at = now()`,
          [poolId],
        );
      } catch (error) {
        life = null;
        onError(error as Error);
      }
    },
    async fallSilent(poolId) {
      const client = life;
      life = null;
      await client?.query("DELETE FROM jobs.heartbeat WHERE pool_id = $1", [poolId]).catch(onError);
      await client?.end().catch(onError);
    },
    async keepOn(jobId, attempt) {
      const { rowCount } = await pool.query(
        `UPDATE graphile_worker._private_jobs SET key = NULL
         WHERE id = $1 AND attempts = $2 AND locked_by IS NOT NULL`,
        [jobId, attempt],
      );
      return rowCount === 1;
    },
    async release(poolId) {
      await pool.query("SELECT graphile_worker.force_unlock_workers($1::text[])", [[poolId]]);
      await this.fallSilent(poolId);
    },
    async hasWorkers() {
      const { rowCount } = await pool.query(
        "SELECT FROM jobs.heartbeat WHERE at > now() - interval '30 seconds' LIMIT 1",
      );
      return rowCount === 1;
    },
    async sweep(silentSeconds) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const { rows: turn } = await client.query<{ mine: boolean }>(
          "SELECT pg_try_advisory_xact_lock($1, 0) AS mine",
          [lockSpace.sweep],
        );
        const dead = turn[0]?.mine ? await deadPools(client, silentSeconds) : [];
        if (dead.length > 0) {
          await client.query("SELECT graphile_worker.force_unlock_workers($1::text[])", [dead]);
          await client.query("DELETE FROM jobs.heartbeat WHERE pool_id = ANY($1)", [dead]);
        }
        await client.query("COMMIT");
        return dead;
      } catch (error) {
        await client.query("ROLLBACK").catch(onError);
        throw error;
      } finally {
        client.release();
      }
    },
    async close() {
      await life?.end().catch(onError);
      life = null;
      await pool.end();
    },
  };
}

/** Silent pools, and pools that hold jobs and never gave a sign of life at all. */
async function deadPools(client: pg.PoolClient, silentSeconds: number): Promise<string[]> {
  const { rows } = await client.query<{ pool_id: string }>(
    `WITH silent AS MATERIALIZED (
       SELECT pool_id FROM jobs.heartbeat WHERE at <= now() - make_interval(secs => $1)
       UNION
       SELECT locked_by FROM graphile_worker._private_jobs AS held
       WHERE locked_by IS NOT NULL AND locked_at <= now() - make_interval(secs => $1)
         AND NOT EXISTS (SELECT FROM jobs.heartbeat AS known WHERE known.pool_id = held.locked_by)
       UNION
       SELECT locked_by FROM graphile_worker._private_job_queues AS held
       WHERE locked_by IS NOT NULL AND locked_at <= now() - make_interval(secs => $1)
         AND NOT EXISTS (SELECT FROM jobs.heartbeat AS known WHERE known.pool_id = held.locked_by)
     )
     SELECT pool_id FROM silent WHERE pg_try_advisory_xact_lock($2, hashtext(pool_id))`,
    [silentSeconds, lockSpace.life],
  );
  return rows.map((row) => row.pool_id);
}
