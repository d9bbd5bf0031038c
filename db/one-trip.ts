import pg from "pg";
import type { Role } from "./roles.ts";

/** A statement that Postgres keeps prepared under its name, on each connection. */
export interface NamedStatement {
  name: string;
  text: string;
  values: readonly unknown[];
}

/** Transactions of one statement each: begin, statement and commit travel together, and nothing is waited for in between. */
export interface OneTrips {
  /**
   * When it resolves, it is committed. When it rejects, it may be committed all the same: the answer can be what was lost.
   * @param begin what stands before the statement, `BEGIN` first
   */
  run<Row extends Record<string, unknown>>(begin: string, statement: NamedStatement): Promise<Row[]>;
  close(): Promise<void>;
}

/** Connections of their own, so that what everybody waits for does not wait for somebody's long question. */
export function createOneTrips(options: {
  url: string;
  role: Role;
  statementMs: number;
  onError: (error: Error) => void;
}): OneTrips {
  const { url, role, statementMs, onError } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    pipeline: true,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    onConnect: async (client) => {
      await client.query(
        `SET ROLE ${role}; SET search_path = app; SET timezone = 'UTC'; SET jit = off; SET statement_timeout = ${statementMs}`,
      );
    },
  });
  pool.on("error", onError);
  // checked out, a client emits its own error when its backend dies; unheard, it would end the process
  pool.on("connect", (client) => client.on("error", onError));

  return {
    async run<Row extends Record<string, unknown>>(
      begin: string,
      { name, text, values }: NamedStatement,
    ): Promise<Row[]> {
      const client = await pool.connect();
      const settled = await Promise.allSettled([
        client.query(begin),
        client.query<Row>({ name, text, values: [...values] }),
        client.query("COMMIT"),
      ]);
      const failed = settled.find((one) => one.status === "rejected");
      // whatever it was: who comes next gets another connection
      client.release(failed ? true : undefined);
      if (failed) throw failed.reason;
      const [, answered, ended] = settled;
      if (answered.status !== "fulfilled" || ended.status !== "fulfilled" || ended.value.command !== "COMMIT")
        throw new Error("a transaction was not committed");
      return answered.value.rows;
    },
    close: () => pool.end(),
  };
}
