import { parseArgs } from "node:util";
import { describeFigure, type Figure } from "./figures.ts";

/** What a benchmark gets: how often to measure, and where to tell how far it is (never on standard output). */
export interface BenchOptions {
  runs: number | null;
  /** Rows of the generated file, where there is one. */
  rows: number | null;
  /** Names of scenarios, by commas, of a bench that has several; null: all. */
  only: string | null;
  note(text: string): void;
}

const benches: Record<string, () => Promise<(options: BenchOptions) => Promise<Figure[]>>> = {
  cohorts: async () => (await import("./cohorts.ts")).benchCohorts,
  engine: async () => (await import("./engine.ts")).benchEngine,
  import: async () => (await import("./import.ts")).benchImport,
  refresh: async () => (await import("./refresh.ts")).benchRefresh,
  rooms: async () => (await import("./rooms.ts")).benchRooms,
  stripe: async () => (await import("./stripe.ts")).benchStripe,
  page: async () => (await import("./page.ts")).benchPage,
};

/** `npm run bench -- NAME [--json] [--runs N] [--rows N] [--only NAME]`; exits 0 whether or not the goals are met. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean" },
    runs: { type: "string" },
    rows: { type: "string" },
    only: { type: "string" },
  },
});
const [name = ""] = positionals;
const load = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (!load) {
  console.error(
    `Usage: npm run bench -- NAME [--json] [--runs N] [--rows N] [--only NAME]\nNames: ${Object.keys(benches).join(", ")}`,
  );
  process.exit(1);
}
const bench = await load();
const figures = await bench({
  runs: values.runs ? Number(values.runs) : null,
  rows: values.rows ? Number(values.rows) : null,
  only: values.only ?? null,
  note: (text) => console.error(text),
});
for (const figure of figures) console.log(values.json ? JSON.stringify(figure) : describeFigure(figure));
process.exit(0);
