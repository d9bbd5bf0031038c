import pg from "pg";
import type { Role } from "./roles.ts";

/** What a function of the database is given: ids, numbers, names and bytes, and lists of them. */
export type CallValue =
  | string
  | number
  | Uint8Array
  | null
  | readonly (string | number | Uint8Array | null)[];

/** A call of one function of ours, which writes and says what became of it. */
export interface FunctionCall {
  /** With its schema. */
  name: string;
  values: readonly CallValue[];
}

/** Transactions of one call each: begin, call and commit are one message to Postgres, and one from it. */
export interface OneTrips {
  /**
   * When it resolves, it is committed. When it rejects, it may be committed all the same: the answer can be what was lost.
   * @param begin what stands before the call, `BEGIN` first
   */
  run<Row extends Record<string, unknown>>(begin: string, call: FunctionCall): Promise<Row[]>;
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
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    onConnect: async (client) => {
      await client.query(
        `SET ROLE ${role}; SET search_path = app; SET timezone = 'UTC'; SET jit = off; SET standard_conforming_strings = on;
         SET statement_timeout = ${statementMs}`,
      );
    },
  });
  pool.on("error", onError);
  // checked out, a client emits its own error when its backend dies; unheard, it would end the process
  pool.on("connect", (client) => client.on("error", onError));

  return {
    async run<Row extends Record<string, unknown>>(
      begin: string,
      { name, values }: FunctionCall,
    ): Promise<Row[]> {
      const text = `${begin}; SELECT * FROM ${name}(${values.map(literal).join(", ")}); COMMIT`;
      const client = await pool.connect();
      try {
        // the driver answers a text of several statements with a result for each
        const results = (await client.query<Row>(text)) as unknown as pg.QueryResult<Row>[];
        client.release();
        if (results.at(-1)?.command !== "COMMIT") throw new Error("a transaction was not committed");
        return results.at(-2)?.rows ?? [];
      } catch (error) {
        // whatever it was, and in whichever state the connection is: who comes next gets another one
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** Parameters cannot travel with several statements: each value is written out, in letters that end no text. */
function literal(value: CallValue): string {
  if (value === null) return "NULL";
  if (typeof value === "number" || typeof value === "string") return `'${plain(value)}'`;
  if (value instanceof Uint8Array) return `'\\x${hex(value)}'`;
  const items = value.map((item) =>
    item === null ? "NULL" : item instanceof Uint8Array ? `"\\\\x${hex(item)}"` : plain(item),
  );
  return `'{${items.join(",")}}'`;
}

const hex = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("hex");

/** @throws Error for anything but numbers, ids and names: nothing else is ever asked for here */
function plain(value: string | number): string {
  const text = String(value);
  if (!/^[\w-]+$/.test(text)) throw new Error("This value cannot be written into a call.");
  return text;
}
