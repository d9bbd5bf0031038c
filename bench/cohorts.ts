import { type Figure, figureOf, median } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { type LargeOrganisation, untilSumsKept, withLargeOrganisation } from "./large-organisation.ts";
import { attributes, copyLedger, duckdbPeer, type Peer, postgresPeer } from "./peers.ts";
import { cohortMeasures, cohortStatement, type PeerFilter, seriesStatement } from "./questions.ts";
import { sameCohorts, sameSeries } from "./same-answers.ts";
import type { SeparateRoles } from "./separate-roles.ts";

/** What a filter is called in the figures, as the API takes it, and as the peers do. */
interface Filter extends PeerFilter {
  figure: string;
  query: string;
  goal: { duckdb: number; sql?: number } | null;
}

/** How often the product is asked each question, and the peers. */
const asked = 30;
const toWarmUp = 20;
const peersAsked = 3;
/** A peer that takes longer than this is believed the first time. */
const longEnough = 20;
const names =
  "mrr,customers,new_mrr,expansion_mrr,reactivation_mrr,contraction_mrr,churned_mrr,fx_mrr,nrr,grr";

/**
 * The cohort heatmap (of each of its three measures) and 36 months of metrics through the API, nothing kept of answers, beside one plain
 * statement for each over the same ledger on the same Postgres and on DuckDB; every cell compared.
 */
export const benchCohorts = (options: BenchOptions): Promise<Figure[]> =>
  withLargeOrganisation(options, measureCohorts);

export async function measureCohorts(
  product: SeparateRoles,
  org: LargeOrganisation,
  { runs, only, note }: BenchOptions,
): Promise<Figure[]> {
  await copyLedger(org);
  const filters = chosen(await listFilters(org), only);
  const peers = { duckdb: await duckdbPeer(org.sql), sql: await postgresPeer(org.sql) };
  note("the peers have their tables");
  const [day] = await org.sql<{ today: string }[]>`SELECT current_date::text AS today`;
  const cutoff = day?.today ?? "";
  const figures: Figure[] = [];
  for (const filter of filters)
    for (const question of [askCohorts, askSeries]) {
      const { name, ask, statements, same } = question(product.url, org.token, filter, cutoff);
      const [first = 0] = await timed(1, ask);
      // what is asked for and added up from many rows gets sums of its own
      await untilSumsKept(org.sql, org.id);
      const answers = await ask();
      await timed(toWarmUp, ask);
      const times = await timed(runs ?? asked, ask);
      const theirs: Record<string, number[]> = {};
      for (const [key, peer] of Object.entries(peers)) {
        if (key === "sql" && filter.customers !== null) continue;
        const asks = [];
        for (const statement of statements) asks.push(await repeat(peer, statement));
        theirs[key] = addedUp(asks.map(({ runs: took }) => took));
        same(
          answers,
          asks.map(({ rows }) => rows),
          peer.name,
        );
      }
      figures.push(...figuresOf(name, filter, { first, times }, theirs, peers));
      note(
        `${name} ${filter.figure}: ours ${ms(times)} ms, the first time ${ms([first])} ms, ${Object.entries(
          theirs,
        )
          .map(([key, took]) => `${key} ${ms(took)} ms`)
          .join(", ")}`,
      );
    }
  return figures;
}

/** Those that `only` names, `unfiltered` among them; all, if it names none. */
function chosen(filters: readonly Filter[], only: string | null): readonly Filter[] {
  const names = new Set((only ?? "").split(","));
  const named = filters.filter(({ figure }) => names.has(figure === "" ? "unfiltered" : figure));
  return named.length === 0 ? filters : named;
}

const ms = (times: readonly number[]): number => Math.round(median(times) * 1_000);

/** Of each key the value that most customers have. */
async function listFilters({ sql, id }: LargeOrganisation): Promise<Filter[]> {
  const most = async (column: string): Promise<string> => {
    const [row] = await sql.unsafe<{ value: string }[]>(
      `SELECT "${column}" AS value FROM peer.tag WHERE "${column}" IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`,
    );
    return row?.value ?? "";
  };
  const sliceOf = async (key: string, value: string): Promise<number> => {
    const [row] = await sql<
      { id: number }[]
    >`SELECT id FROM slice WHERE org_id = ${id} AND key = ${key} AND value = ${value}`;
    return row?.id ?? 0;
  };
  const is = (column: string, value: string): string => `t."${column}" = '${value.replaceAll("'", "''")}'`;
  const filterOf = (key: string, value: string): string => `&filter.${key}=${encodeURIComponent(value)}`;
  const one = async (column: string, key: string, figure: string, atLeast: number): Promise<Filter> => {
    const value = await most(column);
    const ofSubscriptions = ["plan", "interval", "currency"].includes(key);
    return {
      figure,
      query: filterOf(key, value),
      customers: is(column, value),
      part: ofSubscriptions ? { slice: await sliceOf(key, value), customers: "true" } : null,
      goal: { duckdb: atLeast },
    };
  };
  const [attribute, , , many] = attributes;
  const [industry, country, plan] = [await most(attribute), await most("country"), await most("plan")];
  return [
    { figure: "", query: "", customers: null, part: null, goal: { duckdb: 200, sql: 400 } },
    await one("plan", "plan", "plan", 10),
    await one("country", "country", "country", 10),
    await one("interval", "interval", "interval", 10),
    await one("currency", "currency", "currency", 10),
    await one(attribute, `attr.${attribute}`, "attr", 1),
    await one(many, `attr.${many}`, "attr_of_many_values", 1),
    {
      figure: "two_attr",
      query: filterOf(`attr.${attribute}`, industry) + filterOf("country", country),
      customers: `${is(attribute, industry)} AND ${is("country", country)}`,
      part: null,
      goal: { duckdb: 1 },
    },
    {
      figure: "plan_and_country",
      query: filterOf("plan", plan) + filterOf("country", country),
      customers: `${is("plan", plan)} AND ${is("country", country)}`,
      part: { slice: await sliceOf("plan", plan), customers: is("country", country) },
      goal: null,
    },
  ];
}

interface Question {
  name: "cohort" | "series";
  /** Asks the product, one request after the other. */
  ask: () => Promise<unknown[]>;
  /** The peers are asked the same, a statement for each request. */
  statements: string[];
  /** @throws Error where a peer says something else */
  same: (ours: unknown[], theirs: Record<string, unknown>[][], peer: string) => void;
}

function askCohorts(url: string, token: string, filter: Filter, cutoff: string): Question {
  const get = getter(url, token);
  const paths = cohortMeasures.map(
    (measure) => `/cohorts?grain=month&basis=first_payment&measure=${measure}${filter.query}`,
  );
  return {
    name: "cohort",
    async ask() {
      const answers = [];
      for (const path of paths) answers.push(await get(path));
      return answers;
    },
    statements: cohortMeasures.map((measure) => cohortStatement(filter, cutoff, measure)),
    same: (ours, theirs, peer) => {
      for (const [i, rows] of theirs.entries()) sameCohorts(ours[i], rows, `${filter.figure} by ${peer}`);
    },
  };
}

function askSeries(url: string, token: string, filter: Filter, cutoff: string): Question {
  const get = getter(url, token);
  const [year, month] = cutoff.split("-").map(Number) as [number, number];
  const first = new Date(Date.UTC(year, month - 36, 1)).toISOString().slice(0, 7);
  const path = `/metrics?names=${names}&grain=month&from=${first}&to=${cutoff.slice(0, 7)}${filter.query}`;
  return {
    name: "series",
    ask: async () => [await get(path)],
    statements: [seriesStatement(filter, cutoff)],
    same: ([answer], [rows = []], peer) => sameSeries(answer, rows, `${filter.figure} by ${peer}`),
  };
}

const getter =
  (url: string, token: string) =>
  async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };

async function timed(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const began = performance.now();
    await work();
    found.push((performance.now() - began) / 1_000);
  }
  return found;
}

async function repeat(peer: Peer, statement: string) {
  const runs: number[] = [];
  let rows: Record<string, unknown>[] = [];
  for (let i = 0; i < peersAsked; i += 1) {
    const answer = await peer.ask(statement);
    rows = answer.rows;
    runs.push(answer.seconds);
    if (answer.seconds > longEnough) break;
  }
  return { rows, runs };
}

/** The times of several statements, run by run. */
const addedUp = (runs: readonly number[][]): number[] =>
  Array.from({ length: Math.min(...runs.map((took) => took.length)) }, (_, i) =>
    runs.reduce((all, took) => all + (took[i] ?? 0), 0),
  );

function figuresOf(
  name: string,
  { figure, goal }: Filter,
  { first, times }: { first: number; times: readonly number[] },
  theirs: Record<string, number[]>,
  peers: Record<string, Peer>,
): Figure[] {
  const part = figure === "" ? "" : `_${figure}`;
  const versus = Object.entries(theirs).map(([key, took]) => {
    const atLeast = key === "sql" ? goal?.sql : goal?.duckdb;
    return figureOf({
      bench: "cohorts",
      figure: `${name}${part}_vs_${key}`,
      unit: "s",
      runs: times,
      peer: { name: peers[key]!.name, runs: took },
      ...(atLeast === undefined
        ? {}
        : { goal: { text: `≥ ${atLeast} × faster`, isMet: ({ ratio }) => ratio <= 1 / atLeast } }),
    });
  });
  // of one request: the heatmap's three measures are three
  const each = times.map((time) => (name === "cohort" ? time / cohortMeasures.length : time) * 1_000);
  const p95 = each.toSorted((a, b) => a - b)[Math.ceil(each.length * 0.95) - 1] ?? 0;
  return [
    ...versus,
    figureOf({ bench: "cohorts", figure: `${name}${part}_first_ms`, unit: "ms", runs: [first * 1_000] }),
    figureOf({
      bench: "cohorts",
      figure: `${name}${part}_p95_ms`,
      unit: "ms",
      runs: [p95],
      ...(figure === "" ? { goal: { text: "≤ 30 ms", isMet: ({ ours }) => ours <= 30 } } : {}),
    }),
  ];
}
