import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { ensureDatabase } from "#db/embedded.ts";
import { copyIntoPlainTable } from "./copy-peer.ts";
import { type Figure, figureOf } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { watchMemory } from "./memory.ts";
import { type SeparateRoles, startSeparateRoles } from "./separate-roles.ts";
import { subscriptionsCsv } from "./subscriptions-csv.ts";
import { measureWall, type WallCosts } from "./wall-costs.ts";

/** Seconds since the first byte was sent. */
interface Run {
  copy: number;
  /** The web has the whole file. */
  received: number;
  /** Every row is read, judged and in Postgres. */
  staged: number;
  /** The ledger's making begins: customers and versions are written. */
  facts: number;
  /** The metrics that the dashboard shows are answered. */
  ready: number;
  rssPeakMb: number;
  postgresPeakMb: number;
  wall: WallCosts;
}

/**
 * A million subscription rows over HTTP into the started product, until the dashboard can show them, beside a COPY of
 * the same file into a plain table of the same cluster.
 */
export async function benchImport({ runs, rows, note }: BenchOptions): Promise<Figure[]> {
  const count = rows ?? 1_000_000;
  const home = await mkdtemp(join(tmpdir(), "jarvis360-bench-file-"));
  const file = join(home, "subscriptions.csv");
  await pipeline(Readable.from(subscriptionsCsv(count)), createWriteStream(file));
  note(`${count} rows, ${((await stat(file)).size / 1024 ** 2).toFixed(1)} MB`);
  const measured: Run[] = [];
  try {
    for (let run = 1; run <= (runs ?? 3); run += 1) {
      // a cluster per run: vacuuming what the run before left would take time from this one
      const product = await startSeparateRoles(note);
      try {
        const result = await measure(product, file, count);
        note(`run ${run}: ${JSON.stringify(result)}`);
        measured.push(result);
      } finally {
        await product.stop();
      }
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return figuresOf(measured);
}

async function measure(product: SeparateRoles, file: string, count: number): Promise<Run> {
  const copy = await copyIntoPlainTable(await ensureDatabase(product.cluster, "peer"), file);
  const token = await product.cli("token", "create", "--org", "Bench", "--email", "bench@example.com");
  const api = createApi(product.url, token);
  const { id: orgId } = await api.get<{ id: string }>("/org");
  const memory = watchMemory([product.web.pid!, product.worker.pid!], product.cluster.process.pid!);
  const began = performance.now();
  const since = () => (performance.now() - began) / 1_000;

  const id = await api.upload(file);
  const received = since();
  let staged = 0;
  let facts = 0;
  for (;;) {
    const upload = await api.get<UploadState>(`/uploads/${id}`);
    const phase = phases.indexOf(upload.phase ?? "");
    if (staged === 0 && (phase >= phases.indexOf("customers") || upload.status === "done")) staged = since();
    if (facts === 0 && (phase >= phases.indexOf("metrics") || upload.status === "done")) facts = since();
    if (upload.status === "done") {
      if (upload.rows.imported !== count)
        throw new Error(`imported ${upload.rows.imported} of ${count} rows`);
      break;
    }
    if (["failed", "cancelled", "needs_mapping"].includes(upload.status))
      throw new Error(`the upload ended as ${upload.status}: ${JSON.stringify(upload.error)}`);
    await new Promise((done) => setTimeout(done, pollMs));
  }
  await api.get("/metrics?names=mrr,arr,net_new_mrr,customers,nrr&grain=month&from=2023-01&to=2025-12");
  const ready = since();
  const peaks = memory.stop();
  return {
    copy,
    received,
    staged,
    facts,
    ready,
    ...peaks,
    wall: await measureWall(product.databaseUrl, orgId),
  };
}

/** Often enough to date a phase, seldom enough that asking does not take the machine from what is measured. */
const pollMs = 100;

const phases = ["reading", "checking", "customers", "facts", "metrics"];

interface UploadState {
  status: string;
  phase: string | null;
  error: unknown;
  rows: { imported: number };
}

function createApi(url: string, token: string) {
  const headers = { Authorization: `Bearer ${token}` };
  return {
    async get<Body>(path: string): Promise<Body> {
      const response = await fetch(`${url}/api/v1${path}`, { headers });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Body;
    },
    /** The file is streamed from disk, by a sender that takes as little of the machine as it can. @returns the upload's id */
    async upload(file: string): Promise<string> {
      const boundary = "jarvis360-bench";
      const part = (name: string, rest: string) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n`;
      const sent = request(`${url}/api/v1/uploads`, {
        method: "POST",
        headers: { ...headers, "Content-Type": `multipart/form-data; boundary=${boundary}` },
      });
      const answered = once(sent, "response") as Promise<[IncomingMessage]>;
      sent.write(`${part("kind", "")}subscriptions\r\n`);
      sent.write(part("file", '; filename="subscriptions.csv"\r\nContent-Type: text/csv'));
      await pipeline(createReadStream(file, { highWaterMark: 256 * 1024 }), sent, { end: false });
      sent.end(`\r\n--${boundary}--\r\n`);
      const [response] = await answered;
      const body = await text(response);
      if (response.statusCode !== 202) throw new Error(`upload: ${response.statusCode} ${body}`);
      return (JSON.parse(body) as { id: string }).id;
    },
  };
}

function figuresOf(measured: readonly Run[]): Figure[] {
  const bench = "import";
  const of = (pick: (run: Run) => number) => measured.map(pick);
  const peer = { name: "COPY into a plain table", runs: of((run) => run.copy) };
  const seconds = (figure: string, pick: (run: Run) => number) =>
    figureOf({ bench, figure, unit: "s", runs: of(pick), peer });
  const share = (figure: string, pick: (run: Run) => number) =>
    figureOf({ bench, figure, unit: "share of ready", runs: of((run) => pick(run) / run.ready) });
  return [
    figureOf({
      bench,
      figure: "staged",
      unit: "s",
      runs: of((run) => run.staged),
      peer,
      goal: { text: "≤ 2 × COPY", isMet: ({ ratio }) => ratio <= 2 },
    }),
    figureOf({
      bench,
      figure: "ready",
      unit: "s",
      runs: of((run) => run.ready),
      peer,
      goal: { text: "≤ 20 × COPY (stretch 10 ×)", isMet: ({ ratio }) => ratio <= 20 },
    }),
    figureOf({
      bench,
      figure: "peak_rss_mb",
      unit: "MB",
      runs: of((run) => run.rssPeakMb),
      goal: { text: "< 600 MB, web and worker together", isMet: ({ ours }) => ours < 600 },
    }),
    figureOf({ bench, figure: "postgres_peak_mb", unit: "MB", runs: of((run) => run.postgresPeakMb) }),
    seconds("received", (run) => run.received),
    seconds("staged_once_received", (run) => run.staged - run.received),
    seconds("facts", (run) => run.facts),
    // what the wall costs: the same inserts with it off; foreign keys are measured though the bulk tables have none
    share("row_level_security_share", ({ wall }) => Math.max(0, wall.withPolicy - wall.bare)),
    share("foreign_keys_share", ({ wall }) => Math.max(0, wall.withForeignKeys - wall.bare)),
    figureOf({ bench, figure: "insert_bare", unit: "s", runs: of(({ wall }) => wall.bare) }),
    figureOf({
      bench,
      figure: "insert_with_row_level_security",
      unit: "s",
      runs: of(({ wall }) => wall.withPolicy),
    }),
    figureOf({
      bench,
      figure: "insert_with_foreign_keys",
      unit: "s",
      runs: of(({ wall }) => wall.withForeignKeys),
    }),
  ];
}
