import { cssPalette } from "#charts/palette.ts";
import { type SegmentColor, segmentColorOrder } from "#contracts/segment-colors.ts";

/** The colour that a segment's line has; none where charts choose it. */
export const SegmentSwatch = ({ color }: { color: SegmentColor | null }) => (
  <span
    aria-hidden="true"
    className="size-2.5 shrink-0 rounded-[3px] border border-line-strong"
    style={
      color
        ? { background: cssPalette.lines[segmentColorOrder.indexOf(color)], borderColor: "transparent" }
        : {}
    }
  />
);
