import { sql as drizzleSql, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type postgres from "postgres";
import { lost, openPostgres, requireUuid } from "./job-connection.ts";
import type { LedgerTx } from "./queries/ledger.ts";

/**
 * A job's own connection, for one organisation and never reused: staging goes through COPY into TEMP tables, which only
 * this connection sees, and facts come out of them in one transaction under row-level security
 * (docs/decisions/005-csv.md: the named exception to "no other awaits inside a transaction").
 */
export interface ImportConnection {
  readonly orgId: string;
  /** Runs one statement outside a transaction: TEMP tables and their statistics. */
  run(statement: SQL): Promise<void>;
  /** Opens `COPY … FROM STDIN`. */
  copyIn(statement: SQL): Promise<CopySink>;
  /** One transaction inside the organisation; an error rolls all of it back. */
  transaction<T>(fn: (tx: LedgerTx) => Promise<T>): Promise<T>;
  /** Stops the statement that runs now, if one does, and refuses all further ones: they reject with 57014. */
  cancel(): void;
  /** Never rejects. TEMP tables go with it. */
  end(): Promise<void>;
}

export interface CopySink {
  /** Waits while the database is slower than we are. */
  write(rows: string | Buffer): Promise<void>;
  /** Ends the COPY; rejects when the database refused a row. */
  end(): Promise<void>;
}

const dialect = new PgDialect();

type CopyQuery = postgres.PendingQuery<postgres.Row[]> & { reject?: (error: Error) => void };

/**
 * Rejects when the database refuses a COPY. postgres.js 3.4.9 tells nobody: its promise is settled by the stream, and the
 * stream, once ended, waits for a success that never comes.
 */
function refusalOf(query: CopyQuery): Promise<never> {
  const refused = new Promise<never>((_, tell) => {
    const settle = query.reject;
    query.reject = (error) => {
      tell(error);
      settle?.call(query, error);
    };
  });
  refused.catch(() => {});
  return refused;
}

/**
 * Asks the server to cancel a statement, as often as it is called: a request that is there before the statement has begun
 * does nothing. postgres.js 3.4.9 asks once, and tells of a request that failed as an unhandled rejection.
 */
function cancellerOf(query: { canceller?: (query: object) => Promise<void> }): () => void {
  const ask = query.canceller;
  return () => {
    ask?.(query).catch(() => {});
  };
}

const cancelAgainMs = 100;

const cancelled = (): Error => Object.assign(new Error("The import was cancelled."), { code: "57014" });

/**
 * @param options.statementMs bound of each statement; a large import runs long ones
 * @throws AppError UNAVAILABLE, from every method, once the connection is lost: it is never silently replaced
 */
export function createImportConnection(options: {
  url: string;
  orgId: string;
  statementMs?: number;
}): ImportConnection {
  const orgId = requireUuid(options.orgId);
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  let opened = false;
  let closed = false;
  let spoilt = false;
  let copying = false;
  let cancelling: NodeJS.Timeout | null = null;
  let cancelRunning: (() => void) | null = null;
  const sql = openPostgres({
    url: options.url,
    name: "jarvis360 import",
    settings: {
      temp_buffers: "64MB",
      work_mem: "256MB",
      statement_timeout: options.statementMs ?? 900_000,
    },
    onClose: () => {
      closed = true;
      broken.reject(lost());
    },
  });

  /** A connection that was lost took its TEMP tables and its transaction along: nothing may run on the next one. */
  function requireOpen(): void {
    if (closed || spoilt) throw lost();
    if (cancelling) throw cancelled();
    opened = true;
  }

  async function send<Row extends object>(statement: SQL): Promise<Row[]> {
    requireOpen();
    const { sql: text, params } = dialect.sqlToQuery(statement);
    const query = sql.unsafe<Row[]>(text, params as postgres.ParameterOrJSON<never>[]);
    const cancel = cancellerOf(query as object);
    cancelRunning = cancel;
    try {
      return [...(await Promise.race([query, broken.promise]))];
    } finally {
      if (cancelRunning === cancel) cancelRunning = null;
    }
  }

  return {
    orgId,
    async run(statement) {
      await send(statement);
    },
    async copyIn(statement) {
      requireOpen();
      const query: CopyQuery = sql.unsafe(dialect.sqlToQuery(statement).sql);
      const refused = refusalOf(query);
      const failed = Promise.race([refused, broken.promise]);
      failed.catch(() => {});
      const orFail = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await Promise.race([work, failed]);
        } catch (error) {
          spoilt = true;
          throw error;
        }
      };
      const stream = await orFail(query.writable());
      copying = true;
      const streamFailed = new Promise<never>((_, reject) => stream.on("error", reject));
      streamFailed.catch(() => {});
      const until = (event: "drain" | "finish") =>
        orFail(
          Promise.race([new Promise<void>((resolve) => void stream.once(event, resolve)), streamFailed]),
        );
      return {
        async write(rows) {
          requireOpen();
          if (!stream.write(rows)) await until("drain");
        },
        async end() {
          requireOpen();
          const finished = until("finish");
          stream.end();
          await finished;
          copying = false;
        },
      };
    },
    async transaction(fn) {
      await send(drizzleSql`BEGIN`);
      try {
        await send(drizzleSql.raw(`SET LOCAL app.org_id = '${orgId}'`));
        const value = await fn({ orgId, rows: send });
        await send(drizzleSql`COMMIT`);
        return value;
      } catch (error) {
        // no ROLLBACK: written to a connection that has just died, it would throw where nobody can catch it. The server
        // rolls back when the connection ends, and nothing else may run on it.
        spoilt = true;
        throw error;
      }
    },
    cancel() {
      cancelRunning?.();
      cancelling ??= setInterval(() => cancelRunning?.(), cancelAgainMs).unref();
    },
    async end() {
      if (cancelling) clearInterval(cancelling);
      if (!opened && !closed) return;
      // a COPY that nobody ends, and a connection that is no more, never say that they are done
      const isOver = closed || spoilt || copying || cancelling !== null;
      await sql.end({ timeout: isOver ? 0 : 5 }).catch(() => {});
    },
  };
}
