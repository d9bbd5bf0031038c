import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";
import { type BackupHeader, type BackupSection, readBackupFile, writeBackupFile } from "./backup-file.ts";
import { copiedRows } from "./copied-rows.ts";
import { listMigrations, migrate } from "./migrate.ts";

/**
 * Backup and restore without pg_dump, which the embedded bundle does not have: COPY of every table in one snapshot as
 * jarvis_maint, which row-level security does not bind.
 */

export interface BackupResult {
  /** Rows per table. */
  rows: Map<string, number>;
  /** Keys that must be kept beside the backup. */
  keyIds: string[];
}

/** Waiting jobs are a section of their own: graphile-worker's tables are its own business, its add_job is public. */
const jobsSection: BackupSection = { name: "jobs", columns: ["job"] };

/**
 * Writes everything that the database holds at this moment into one file; people may go on working.
 */
export async function backUp(url: string, file: string): Promise<BackupResult> {
  const sql = connect(url);
  let keyIds: string[] = [];
  try {
    const rows = await sql.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY", async (tx) => {
      keyIds = await listKeyIds(tx);
      await tx`SET LOCAL ROLE jarvis_owner`;
      const migrations = await tx<{ name: string; sha256: string }[]>`
        SELECT name, sha256 FROM migrations.applied ORDER BY name`;
      const header: BackupHeader = {
        createdAt: new Date().toISOString(),
        migrations: [...migrations],
        keyIds,
        sequences: await listSequences(tx),
        sections: [...(await listTables(tx)), jobsSection],
      };
      return writeBackupFile(file, header, (section) => copyOut(tx, section));
    });
    return { rows, keyIds };
  } finally {
    await sql.end();
  }
}

/**
 * Fills an empty database from a backup: the schema as it was then, the rows, then the migrations since. All rows or
 * none.
 * @throws Error when the database is not empty, or the backup is damaged or of a newer version
 */
export async function restore(url: string, file: string): Promise<BackupResult> {
  const sql = connect(url);
  let keyIds: string[] = [];
  try {
    if (await isInUse(sql)) throw new Error("The database is not empty: restore into a new one.");
    const rows = await sql.begin(async (tx) => {
      let header: BackupHeader | null = null;
      const restored = await readBackupFile(
        file,
        async (found) => {
          header = found;
          keyIds = found.keyIds;
          await requireKnownMigrations(found);
          await migrate(url, undefined, found.migrations.at(-1)?.name);
          await tx`SET LOCAL ROLE jarvis_maint`;
          await tx`SET LOCAL search_path = app`;
          // what the migrations themselves wrote is in the backup too
          for (const section of [...found.sections].reverse())
            if (section.name !== jobsSection.name) await tx`DELETE FROM ${tx(section.name)}`;
          await tx`SET LOCAL ROLE jarvis_queue`;
          await tx`SELECT graphile_worker.complete_jobs(ARRAY(SELECT id FROM graphile_worker._private_jobs))`;
        },
        (section, content) => copyIn(tx, section, content),
      );
      await setSequences(tx, header);
      await renewEpochs(tx);
      return restored;
    });
    await migrate(url);
    return { rows, keyIds };
  } finally {
    await sql.end();
  }
}

type Sql = postgres.Sql;
type Tx = postgres.TransactionSql;

const connect = (url: string): Sql => postgres(url, { max: 1, onnotice: () => {}, idle_timeout: 0 });

/** Tables of schema app, those that others refer to first, with the columns that can be written. */
async function listTables(tx: Tx): Promise<BackupSection[]> {
  const tables = await tx<{ name: string; columns: string[]; needs: string[] }[]>`
    SELECT c.relname AS name,
      ARRAY(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum) AS columns,
      ARRAY(SELECT DISTINCT r.relname::text FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
            WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> k.conrelid) AS needs
    FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname`;
  const sorted: BackupSection[] = [];
  const waiting = new Map(tables.map((table) => [table.name, table]));
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((table) => !table.needs.some((need) => waiting.has(need)));
    if (ready.length === 0) throw new Error(`Tables refer to each other in a circle: ${[...waiting.keys()]}`);
    for (const { name, columns } of ready) {
      sorted.push({ name, columns });
      waiting.delete(name);
    }
  }
  return sorted;
}

/** Which of SECRET_KEYS the secrets in it need. */
async function listKeyIds(tx: Tx): Promise<string[]> {
  await tx`SET LOCAL ROLE jarvis_maint`;
  const rows = await tx<{ kid: string }[]>`SELECT DISTINCT kid FROM app.data_key ORDER BY kid`;
  return rows.map(({ kid }) => kid);
}

async function listSequences(tx: Tx): Promise<Record<string, string>> {
  const rows = await tx<{ name: string; value: string }[]>`
    SELECT sequencename AS name, last_value::text AS value FROM pg_sequences
    WHERE schemaname = 'app' AND last_value IS NOT NULL`;
  return Object.fromEntries(rows.map((row) => [row.name, row.value]));
}

async function* copyOut(tx: Tx, section: BackupSection): AsyncIterable<Buffer> {
  let stream: Readable;
  if (section.name === jobsSection.name) {
    await tx`SET LOCAL ROLE jarvis_queue`;
    stream = await tx`COPY (
      SELECT json_build_object('task', task.identifier, 'payload', job.payload, 'queue', queue.queue_name,
        'runAt', job.run_at, 'maxAttempts', job.max_attempts, 'key', job.key, 'priority', job.priority)
      FROM graphile_worker._private_jobs AS job
      JOIN graphile_worker._private_tasks AS task ON task.id = job.task_id
      LEFT JOIN graphile_worker._private_job_queues AS queue ON queue.id = job.job_queue_id
      WHERE job.attempts < job.max_attempts
    ) TO STDOUT`.readable();
  } else {
    await tx`SET LOCAL ROLE jarvis_maint`;
    stream = await tx`COPY app.${tx(section.name)} (${tx(section.columns)}) TO STDOUT`.readable();
  }
  yield* copiedRows(stream);
}

async function copyIn(tx: Tx, section: BackupSection, content: AsyncIterable<Buffer>): Promise<void> {
  if (section.name === jobsSection.name) return addJobs(tx, content);
  await tx`SET LOCAL ROLE jarvis_maint`;
  const into: Writable =
    await tx`COPY app.${tx(section.name)} (${tx(section.columns)}) FROM STDIN`.writable();
  await pipeline(content, into);
}

async function addJobs(tx: Tx, content: AsyncIterable<Buffer>): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString().split("\n").filter(Boolean);
  await tx`SET LOCAL ROLE jarvis_queue`;
  for (const line of lines) {
    // COPY doubles the backslashes of JSON
    const job = line.replaceAll("\\\\", "\\");
    await tx`
      SELECT graphile_worker.add_job(job ->> 'task', job -> 'payload', queue_name => job ->> 'queue',
        run_at => (job ->> 'runAt')::timestamptz, max_attempts => (job ->> 'maxAttempts')::int,
        job_key => job ->> 'key', priority => (job ->> 'priority')::int)
      FROM (SELECT ${job}::text::json AS job) AS given`;
  }
}

async function setSequences(tx: Tx, header: BackupHeader | null): Promise<void> {
  await tx`SET LOCAL ROLE jarvis_owner`;
  for (const [name, value] of Object.entries(header?.sequences ?? {}))
    await tx`SELECT setval(${`app.${name}`}::regclass, ${value}::bigint)`;
}

/** Pages that are ahead of the backup must not merge into it silently. A backup from before there were documents has none. */
async function renewEpochs(tx: Tx): Promise<void> {
  const [known] = await tx`SELECT to_regprocedure('app.renew_epochs()') IS NOT NULL AS yes`;
  if (!known?.yes) return;
  await tx`SET LOCAL ROLE jarvis_maint`;
  await tx`SELECT app.renew_epochs()`;
}

/** Only a database without people and organisations is overwritten. */
async function isInUse(sql: Sql): Promise<boolean> {
  const [exists] = await sql`SELECT to_regclass('app.organisation') IS NOT NULL AS yes`;
  if (!exists?.yes) return false;
  const [used] =
    await sql`SELECT (SELECT count(*) FROM app.organisation) > 1 OR EXISTS (SELECT FROM app."user") AS yes`;
  return used?.yes === true;
}

async function requireKnownMigrations(header: BackupHeader): Promise<void> {
  const known = new Set(await listMigrations());
  for (const { name, sha256 } of header.migrations) {
    if (!known.has(name))
      throw new Error(`The backup is of a newer version (${name}): update Jarvis360 first, then restore.`);
    const text = await readFile(new URL(`./migrations/${name}`, import.meta.url), "utf8");
    if (createHash("sha256").update(text).digest("hex") !== sha256)
      throw new Error(`The backup is of another version: its migration ${name} differs from ours.`);
  }
}
