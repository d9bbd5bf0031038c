import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";
import { subscriptionsHeader } from "./subscriptions-csv.ts";

const types: Record<string, string> = {
  amount: "numeric",
  quantity: "int",
  started_at: "date",
  ended_at: "date",
};

/** The peer: the same file through COPY into a plain table with typed columns, no index, no key. @returns seconds */
export async function copyIntoPlainTable(url: string, file: string): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const columns = subscriptionsHeader
      .trim()
      .split(",")
      .map((name) => `${name} ${types[name] ?? "text"}`)
      .join(", ");
    await sql.unsafe(`DROP TABLE IF EXISTS plain; CREATE TABLE plain (${columns})`);
    const began = performance.now();
    const into = await sql.unsafe("COPY plain FROM STDIN (FORMAT csv, HEADER true)").writable();
    await pipeline(createReadStream(file, { highWaterMark: 1024 ** 2 }), into);
    const took = (performance.now() - began) / 1_000;
    // nothing of it is left to vacuum while the import runs
    await sql.unsafe("DROP TABLE plain");
    return took;
  } finally {
    await sql.end();
  }
}
