/** Bands of tenure in whole months since the first payment: a band holds its lower bound and not its upper one. */
export const tenureBands: readonly { key: string; from: number; to: number | null }[] = [
  { key: "0-3", from: 0, to: 3 },
  { key: "3-6", from: 3, to: 6 },
  { key: "6-12", from: 6, to: 12 },
  { key: "12-24", from: 12, to: 24 },
  { key: "24+", from: 24, to: null },
];

/** The band of whole months. */
export const tenureBand = (months: number): string =>
  tenureBands.findLast(({ from }) => months >= from)?.key ?? "0-3";
