/** How a segment's line and mark are coloured, in the order of the charts' own colours. */
export const segmentColorOrder = ["indigo", "amber", "teal", "pink"] as const;
export type SegmentColor = (typeof segmentColorOrder)[number];
