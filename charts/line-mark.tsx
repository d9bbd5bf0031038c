/** The marks that tell lines apart without their colours; 0 is none. */
const shapes: readonly ((r: number) => string)[] = [
  () => "",
  (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`,
  (r) => `M${-r},${-r}H${r}V${r}H${-r}Z`,
  (r) => `M0,${-1.3 * r}L${1.2 * r},${0.9 * r}H${-1.2 * r}Z`,
  (r) => `M0,${-1.35 * r}L${1.35 * r},0L0,${1.35 * r}L${-1.35 * r},0Z`,
];

export const LineMark = ({
  mark,
  x,
  y,
  r = 3,
  color,
  fill = color,
}: {
  mark: number;
  x: number;
  y: number;
  r?: number;
  color: string;
  /** Another than `color`: hollow, for a period that still runs. */
  fill?: string;
}) => (
  <path
    d={(shapes[mark] ?? shapes[1])?.(r)}
    transform={`translate(${x},${y})`}
    fill={fill}
    stroke={color}
    strokeWidth={1.5}
  />
);
