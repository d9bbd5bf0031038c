import { LineMark } from "#charts/line-mark.tsx";
import { cssPalette } from "#charts/palette.ts";
import type { DrawnLine } from "#charts/series-lines.ts";
import { textWidth } from "#charts/text-width.ts";
import { cx } from "../../components/class-names.ts";

const rowHeight = 24;
/** Mark, padding and gap of an entry beside its text. */
const extra = 38;
const widest = 220;

const entryWidth = ({ name }: DrawnLine): number => Math.min(widest, textWidth(name, 12) + extra);

export const segmentLegendWidth = (lines: readonly DrawnLine[]): number =>
  lines.reduce((sum, line) => sum + entryWidth(line), 0);

export function segmentLegendHeight(lines: readonly DrawnLine[], width: number): number {
  let [rows, x] = [1, 0];
  for (const line of lines) {
    const entry = entryWidth(line);
    if (x > 0 && x + entry > width) {
      rows += 1;
      x = 0;
    }
    x += entry;
  }
  return rows * rowHeight + 4;
}

/** Which line is whose; each can be switched off, but for the last. */
export const SegmentLegend = ({
  lines,
  hidden,
  onToggle,
}: {
  lines: readonly DrawnLine[];
  hidden: readonly string[];
  onToggle: (hidden: readonly string[]) => void;
}) => (
  <ul
    aria-label="Segments"
    className="mb-1 flex flex-wrap gap-x-1 overflow-hidden text-xs text-ink-2"
    style={{ lineHeight: `${rowHeight}px` }}
  >
    {lines.map(({ id, name, color, mark }) => {
      const isHidden = hidden.includes(id);
      const isLast = !isHidden && hidden.length === lines.length - 1;
      const stroke = isHidden ? "var(--line-strong)" : (cssPalette.lines[color] ?? cssPalette.stroke);
      return (
        <li key={id} className="min-w-0">
          <button
            type="button"
            aria-pressed={!isHidden}
            disabled={isLast}
            onClick={() => onToggle(isHidden ? hidden.filter((one) => one !== id) : [...hidden, id])}
            style={{ maxWidth: widest }}
            className={cx(
              "-ml-1 flex h-6 items-center gap-1.5 rounded-md px-1.5 enabled:hover:bg-hover",
              isHidden && "text-ink-3 line-through",
            )}
          >
            <svg width={18} height={12} aria-hidden="true" className="shrink-0">
              <line x1={0} x2={18} y1={6} y2={6} stroke={stroke} strokeWidth={2} />
              <LineMark mark={mark} x={9} y={6} color={stroke} />
            </svg>
            <span className="truncate">{name}</span>
          </button>
        </li>
      );
    })}
  </ul>
);
