import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type postgres from "postgres";
import { copiedRows } from "#db/copied-rows.ts";
import type { LargeOrganisation } from "./large-organisation.ts";

/** Somebody else who answers a plain statement over the same ledger. */
export interface Peer {
  name: string;
  /** Rows as objects; the time is that of the statement alone. */
  ask(statement: string): Promise<{ rows: Record<string, unknown>[]; seconds: number }>;
}

/** Attributes of the large demo that the questions filter by. */
export const attributes = ["industry", "company_size", "channel", "account_manager"] as const;
const subscriptionKeys = ["plan", "interval", "currency"] as const;

const tables: Record<string, string> = {
  ledger: "customer_id bigint, day date, kind text, annual double precision",
  part: "slice int, customer_id bigint, day date, kind text, annual double precision",
  tag: `customer_id bigint, country text, ${[...attributes, ...subscriptionKeys].map((name) => `"${name}" text`).join(", ")}`,
  place: "place int",
};

/** The organisation's ledger as plain tables without keys, amounts as floats: as quick to read as may be. */
export async function copyLedger({ sql, id }: LargeOrganisation): Promise<void> {
  const make = (name: string, select: string) =>
    sql.unsafe(
      `CREATE TABLE peer.${name} (${tables[name]}); INSERT INTO peer.${name} ${select}; ANALYZE peer.${name}`,
    );
  await sql.unsafe("DROP SCHEMA IF EXISTS peer CASCADE; CREATE SCHEMA peer");
  // without statistics the planner compares every customer with every slice
  await sql.unsafe("ANALYZE app.slice, app.slice_key, app.customer_slice");
  await make("ledger", `SELECT customer_id, day, kind, annual FROM app.movement WHERE org_id = '${id}'`);
  await make(
    "part",
    `SELECT slice, customer_id, day, kind, annual FROM app.movement_part WHERE org_id = '${id}'`,
  );
  // the first positions of customer_slice are those of the subscription keys, in this order
  const agreed = subscriptionKeys.map(
    (_, i) => `LEFT JOIN app.slice s${i} ON s${i}.org_id = t.org_id AND s${i}.id = t.slices[${i + 1}]`,
  );
  await make(
    "tag",
    `SELECT c.id, c.country, ${attributes.map((name) => `c.attributes ->> '${name}'`).join(", ")},
       ${subscriptionKeys.map((_, i) => `s${i}.value`).join(", ")}
     FROM app.customer c JOIN app.customer_slice t ON t.org_id = c.org_id AND t.customer_id = c.id ${agreed.join(" ")}
     WHERE c.org_id = '${id}'`,
  );
  await make(
    "place",
    `SELECT generate_series(min(extract(year FROM day) * 12 + extract(month FROM day))::int,
       (extract(year FROM current_date) * 12 + extract(month FROM current_date))::int) FROM peer.ledger`,
  );
}

/** The same Postgres, on two cores and with room, without the tenant wall. */
export async function postgresPeer(sql: postgres.Sql): Promise<Peer> {
  await sql.unsafe(
    "SET search_path TO peer; SET work_mem TO '512MB'; SET max_parallel_workers_per_gather TO 2; SET jit TO off; SET statement_timeout TO 0",
  );
  return {
    name: "one SQL statement over the ledger",
    async ask(statement) {
      const began = performance.now();
      const rows = await sql.unsafe(statement);
      return { rows: [...rows], seconds: (performance.now() - began) / 1_000 };
    },
  };
}

/** DuckDB with the same tables, in memory, on two threads. */
export async function duckdbPeer(sql: postgres.Sql): Promise<Peer> {
  const home = await mkdtemp(join(tmpdir(), "jarvis360-bench-duckdb-"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  try {
    for (const [name, columns] of Object.entries(tables)) {
      const file = join(home, `${name}.csv`);
      await pipeline(
        copiedRows(await sql.unsafe(`COPY peer.${name} TO STDOUT (FORMAT csv)`).readable()),
        createWriteStream(file),
      );
      await connection.run(`CREATE TABLE ${name} (${columns})`);
      await connection.run(`COPY ${name} FROM '${file}' (FORMAT csv, HEADER false)`);
      await rm(file);
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return {
    name: "DuckDB",
    async ask(statement) {
      const began = performance.now();
      const rows = (await connection.runAndReadAll(statement)).getRowObjectsJS();
      return { rows, seconds: (performance.now() - began) / 1_000 };
    },
  };
}
