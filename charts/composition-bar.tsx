import type { CompositionView } from "#contracts/widgets.ts";
import type { Palette } from "./palette.ts";
import { partColor } from "./part-colors.ts";

/** The parts of a whole as one bar in shares of `width`; drawn inside an svg. Parts below nothing (credits) have no width. */
export function CompositionBar({
  parts,
  width,
  height,
  palette,
}: {
  parts: CompositionView["parts"];
  width: number;
  height: number;
  palette: Palette;
}) {
  const shares = parts.map(({ share }) => Math.max(0, share ?? 0));
  const sum = shares.reduce((total, share) => total + share, 0);
  if (sum === 0) return <rect width={width} height={height} rx={3} fill={palette.line} />;
  const gap = 2;
  const room = width - gap * (shares.filter((share) => share > 0).length - 1);
  let x = 0;
  return (
    <g>
      {parts.map((part, index) => {
        const share = (shares[index] ?? 0) / sum;
        if (share === 0) return null;
        const own = Math.max(1, room * share);
        const start = x;
        x += own + gap;
        return (
          <rect
            key={part.key ?? "\u0000"}
            x={start}
            width={own}
            height={height}
            rx={Math.min(3, own / 2)}
            fill={partColor(palette, parts, index)}
          />
        );
      })}
    </g>
  );
}
