/** One line of a benchmark's result. */
export interface Figure {
  bench: string;
  figure: string;
  unit: string;
  ours: number;
  /** What it is compared with, and that one's value. */
  peer?: string;
  theirs?: number;
  /** ours / theirs, theirs / ours. */
  ratio?: number;
  speedup?: number;
  /** Words, e.g. "≤ 2 × COPY". Absent: told, not judged. */
  goal?: string;
  met?: boolean;
  /** Every run's value of ours; `ours` is their median, or their sum where they count what must not happen. */
  runs: number[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const rounded = (value: number): number => Number(value.toPrecision(6));

/** A figure from its runs, compared with a peer's runs where there are any. */
export function figureOf(options: {
  bench: string;
  figure: string;
  unit: string;
  runs: readonly number[];
  /** Their sum is the figure, not their median. */
  isSum?: boolean;
  peer?: { name: string; runs: readonly number[] };
  goal?: { text: string; isMet: (figure: { ours: number; ratio: number }) => boolean };
}): Figure {
  const summary = options.isSum ? sum : median;
  const ours = summary(options.runs);
  const theirs = options.peer ? summary(options.peer.runs) : null;
  return {
    bench: options.bench,
    figure: options.figure,
    unit: options.unit,
    ours: rounded(ours),
    ...(options.peer && theirs !== null
      ? {
          peer: options.peer.name,
          theirs: rounded(theirs),
          ratio: rounded(ours / theirs),
          speedup: rounded(theirs / ours),
        }
      : {}),
    ...(options.goal
      ? {
          goal: options.goal.text,
          met: options.goal.isMet({ ours, ratio: theirs ? ours / theirs : Number.NaN }),
        }
      : {}),
    runs: options.runs.map(rounded),
  };
}

/** For people: one line, aligned. */
export function describeFigure(figure: Figure): string {
  const value = `${Number(figure.ours.toPrecision(4))} ${figure.unit}`;
  const compared = figure.peer
    ? `   ${figure.peer} ${Number(figure.theirs?.toPrecision(4))} ${figure.unit}, ratio ${figure.ratio?.toFixed(2)}`
    : "";
  const judged = figure.goal ? `   goal ${figure.goal}: ${figure.met ? "met" : "NOT met"}` : "";
  return `${figure.figure.padEnd(26)}${value.padStart(14)}${compared}${judged}`;
}
