import type { Palette } from "./palette.ts";
import { fitText, textWidth } from "./text-width.ts";

/** A table as SVG, for files and PDFs; the page has real tables. */

export interface DrawnColumn {
  title: string;
  align: "left" | "right";
}

export interface DrawnCell {
  text: string;
  color?: string;
  bold?: boolean;
  /** A small square before the text. */
  swatch?: string;
}

export const tableRowHeight = 28;
const size = 12.5;
const gap = 20;
const swatchRoom = 16;

/** Columns as wide as their content; what is left goes to the first, which is also the one that is cut. */
function columnEdges(columns: readonly DrawnColumn[], rows: readonly DrawnCell[][], width: number): number[] {
  const wanted = columns.map((column, index) =>
    Math.max(textWidth(column.title, size), ...rows.map((row) => textWidth(row[index]?.text ?? "", size))),
  );
  const others = wanted.slice(1).reduce((sum, one) => sum + one + gap, 0);
  const first = Math.max(60, width - others);
  const edges = [0, first];
  for (const one of wanted.slice(1)) edges.push((edges.at(-1) ?? 0) + gap + one);
  return edges;
}

export const tableHeight = (rows: number): number => (rows + 1) * tableRowHeight;

export function TableDrawing({
  columns,
  rows,
  width,
  palette,
}: {
  columns: readonly DrawnColumn[];
  rows: readonly DrawnCell[][];
  width: number;
  palette: Palette;
}) {
  const edges = columnEdges(columns, rows, width);
  const at = (index: number) =>
    columns[index]?.align === "right"
      ? { x: edges[index + 1] ?? width, textAnchor: "end" as const }
      : { x: index === 0 ? 0 : (edges[index] ?? 0) + gap, textAnchor: "start" as const };
  const middle = tableRowHeight / 2 + size * 0.36;
  return (
    <g fontSize={size}>
      {columns.map((column, index) => (
        <text key={column.title} {...at(index)} y={middle} fill={palette.ink3}>
          {column.title}
        </text>
      ))}
      {rows.map((row, rowIndex) => (
        <g key={rowIndex} transform={`translate(0,${(rowIndex + 1) * tableRowHeight})`}>
          <line x2={width} stroke={palette.line} strokeWidth={1} />
          {row.map((cell, index) => {
            const place = at(index);
            const indent = cell.swatch ? swatchRoom : 0;
            return (
              <g key={columns[index]?.title ?? index}>
                {cell.swatch ? (
                  <rect
                    x={place.x}
                    y={tableRowHeight / 2 - 4.5}
                    width={9}
                    height={9}
                    rx={2.5}
                    fill={cell.swatch}
                  />
                ) : null}
                <text
                  x={place.x + indent}
                  textAnchor={place.textAnchor}
                  y={middle}
                  fill={cell.color ?? palette.ink}
                  fontWeight={cell.bold ? 600 : 400}
                >
                  {index === 0 ? fitText(cell.text, (edges[1] ?? width) - indent, size) : cell.text}
                </text>
              </g>
            );
          })}
        </g>
      ))}
    </g>
  );
}
