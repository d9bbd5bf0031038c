/** Holds the product's answers to a peer's, cell by cell: counts exactly, money to the cent, rates to the millionth. */

interface Cohorts {
  measure: string;
  cohorts: { cohort: string; cells: ({ value: number | string } | null)[] }[];
}
interface Series {
  metrics: Record<string, { period: string; value: number | string | null }[]>;
}
type Row = Record<string, unknown>;

const monthIndex = (text: string): number => {
  const [year, month] = text.split("-").map(Number) as [number, number];
  return year * 12 + month;
};

function require(same: boolean, what: string, ours: unknown, theirs: unknown): void {
  if (!same) throw new Error(`${what}: the product says ${String(ours)}, the peer ${String(theirs)}`);
}

const near = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance;

/** @param answer of /cohorts; `rows` say cohort, period and what there is at its end where that changed */
export function sameCohorts(answer: unknown, rows: readonly Row[], about: string): void {
  const theirs = new Map<number, Row[]>();
  for (const row of rows) {
    const cohort = monthIndex(String(row.cohort));
    theirs.set(cohort, [...(theirs.get(cohort) ?? []), row]);
  }
  const { measure, cohorts } = answer as Cohorts;
  const divided = measure === "customers" ? 1 : 12;
  for (const { cohort, cells } of cohorts) {
    const changes = theirs.get(monthIndex(cohort)) ?? [];
    cells.forEach((cell, k) => {
      if (cell === null) return;
      const until = changes.findLast((row) => monthIndex(String(row.period)) <= monthIndex(cohort) + k);
      const value = Number(until?.value ?? 0) / divided;
      require(near(
        Number(cell.value),
        value,
        0.005,
      ), `${about}, ${measure} of ${cohort} + ${k}`, cell.value, value);
    });
  }
}

const flows = ["new", "expansion", "reactivation", "contraction", "churn", "fx"] as const;

/** @param rows say place (year × 12 + month), annual, customers, the movements and the two rates */
export function sameSeries(answer: unknown, rows: readonly Row[], about: string): void {
  const { metrics } = answer as Series;
  const byPlace = new Map(rows.map((row) => [Number(row.place), row]));
  const check = (name: string, tolerance: number, value: (row: Row) => number | null) => {
    for (const point of metrics[name] ?? []) {
      const row = byPlace.get(monthIndex(point.period));
      const expected = row ? value(row) : 0;
      if (point.value === null || expected === null) continue;
      require(near(
        Number(point.value),
        expected,
        tolerance,
      ), `${about}, ${name} of ${point.period}`, point.value, expected);
    }
  };
  check("mrr", 0.005, (row) => Number(row.annual) / 12);
  check("customers", 0, (row) => Number(row.customers));
  for (const kind of flows) {
    const losing = kind === "churn" || kind === "contraction";
    const name = kind === "churn" ? "churned_mrr" : `${kind}_mrr`;
    check(name, 0.005, (row) => (Number(row[`${kind}_annual`] ?? 0) / 12) * (losing ? -1 : 1));
  }
  // the running month compares with the same day a year ago, the statement with that month's end
  for (const name of ["nrr", "grr"])
    for (const point of (metrics[name] ?? []).slice(0, -1)) {
      const value = byPlace.get(monthIndex(point.period))?.[name];
      if (point.value === null || value === null || value === undefined) continue;
      require(near(
        Number(point.value),
        Number(value),
        1e-6,
      ), `${about}, ${name} of ${point.period}`, point.value, value);
    }
}
