import { formatPeriod } from "./format-dates.ts";
import { textWidth } from "./text-width.ts";

/** A scale's bounds and its round tick values, 0 among them unless `fromZero` is false. */
export interface NiceScale {
  min: number;
  max: number;
  ticks: number[];
}

const steps = [1, 2, 2.5, 5, 10];

/** Bounds just around the data with about `wanted` round ticks between them. Axes start at zero. */
export function niceScale(low: number, high: number, wanted: number): NiceScale {
  const [from, to] = [Math.min(0, low), Math.max(0, high)];
  if (from === to) return { min: 0, max: 1, ticks: [0] };
  const raw = (to - from) / Math.max(1, wanted);
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = (steps.find((candidate) => candidate * magnitude >= raw) ?? 10) * magnitude;
  const air = (to - from) * 0.03;
  // A bound that falls just short of a tick takes it in; further off, the tick would cost more room than it is worth.
  const bound = (value: number, outwards: number) => {
    if (value === 0) return 0;
    const next = (outwards > 0 ? Math.ceil(value / step - 1e-9) : Math.floor(value / step + 1e-9)) * step;
    return Math.abs(next - value) <= step * 0.35 ? next : value + outwards * air;
  };
  const [min, max] = [bound(from, -1), bound(to, 1)];
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  return { min, max, ticks };
}

export interface PeriodLabel {
  index: number;
  text: string;
  /** The year (or, for days, the month), where it begins. */
  below: string | null;
}

const superior = (period: string): string => {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(period);
  return isDay ? formatPeriod(period.slice(0, 7)) : period.slice(0, 4);
};

const ownText = (period: string): string =>
  /^\d{4}-\d{2}-\d{2}$/.test(period) ? String(Number(period.slice(8))) : formatPeriod(period, "short");

/** As many labels as fit under `width`, evenly spaced from the last period backwards, the year below where it changes. */
export function periodLabels(periods: readonly string[], width: number, size: number): PeriodLabel[] {
  const widest = Math.max(0, ...periods.map((period) => textWidth(ownText(period), size)));
  const room = Math.max(1, Math.floor(width / (widest + 10)));
  const every = Math.max(1, Math.ceil(periods.length / room));
  const labels: PeriodLabel[] = [];
  let shown = "";
  for (const [index, period] of periods.entries()) {
    if ((periods.length - 1 - index) % every !== 0) continue;
    const above = superior(period);
    const text = ownText(period);
    labels.push({ index, text, below: above !== shown && above !== text ? above : null });
    shown = above;
  }
  return labels;
}
