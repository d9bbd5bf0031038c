const months = [
  [34, 12, 4, -5, -7],
  [42, 15, 5, -4, -8],
  [38, 20, 3, -6, -10],
  [47, 14, 6, -5, -9],
  [44, 24, 4, -8, -12],
  [52, 19, 5, -6, -8],
  [49, 28, 7, -7, -10],
  [58, 22, 5, -5, -11],
  [61, 27, 6, -9, -9],
  [66, 31, 5, -6, -12],
] as const;
const kinds = ["new", "expansion", "reactivation", "contraction", "churn"] as const;
const zero = 150;

const heat = [9, 8, 8, 7, 6, 6, 5, 4, 4, 3];

/** A drawing of what the product shows, without figures: decoration beside the forms. */
export const Showcase = () => (
  <div
    aria-hidden="true"
    className="relative hidden overflow-hidden border-l border-line bg-ground lg:grid lg:place-items-center"
  >
    <div className="grid w-[36rem] gap-4">
      <div className="grid grid-cols-3 gap-4">
        {[
          "M0 26 C20 24 30 20 46 21 S70 12 88 12 S110 8 132 3",
          "M0 20 C20 18 26 10 46 14 S74 18 90 10 S116 8 132 6",
          "M0 8 C22 9 34 13 50 14 S78 18 94 17 S116 22 132 24",
        ].map((path, index) => (
          <div key={path} className="grid gap-3 rounded-xl border border-line bg-surface p-4">
            <span className="h-2 w-12 rounded-full bg-hover" />
            <span className={`h-4 rounded-full bg-line-strong ${index === 1 ? "w-16" : "w-20"}`} />
            <svg aria-hidden="true" viewBox="0 0 132 30" className="h-8 w-full overflow-visible">
              <path
                d={path}
                fill="none"
                stroke="var(--chart-line)"
                strokeWidth="1.75"
                strokeLinecap="round"
              />
            </svg>
          </div>
        ))}
      </div>
      <div className="rounded-xl border border-line bg-surface p-5">
        <svg aria-hidden="true" viewBox="0 22 520 156" className="w-full">
          {[30, 70, 110, 150].map((y) => (
            <line key={y} x1="0" x2="520" y1={y} y2={y} stroke="var(--chart-grid)" />
          ))}
          {months.map((parts, month) => {
            let up = zero;
            let down = zero;
            return (
              <g key={month} opacity={month === months.length - 1 ? 0.45 : 1}>
                {parts.map((part, kind) => {
                  const height = Math.abs(part);
                  if (part > 0) up -= height;
                  const y = part > 0 ? up : down;
                  if (part < 0) down += height;
                  return (
                    <rect
                      key={kind}
                      x={14 + month * 51}
                      y={y + 0.75}
                      width="30"
                      height={height - 1.5}
                      rx="1.5"
                      fill={`var(--chart-${kinds[kind]})`}
                    />
                  );
                })}
              </g>
            );
          })}
        </svg>
      </div>
      <div className="grid gap-1 rounded-xl border border-line bg-surface p-5">
        {[10, 9, 8, 7, 6].map((length, row) => (
          <div key={length} className="grid grid-cols-10 gap-1">
            {heat.slice(0, length).map((step, cell) => (
              <span
                key={cell}
                className="h-6 rounded-sm"
                style={{
                  background: `var(--heat-${Math.max(0, Math.min(9, step + (cell > 0 ? (row % 3) - 1 : 0)))})`,
                }}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  </div>
);
