import { type ReactNode, useId } from "react";

/** Text in charts: the page's font where there is one, else what the reader's machine has. */
export const fontFamily = '"Inter Variable", Inter, "Inter fallback", system-ui, sans-serif';
export const axisSize = 11;

export interface Size {
  width: number;
  height: number;
}

/** An id that may stand in `url(#…)`. */
export const useSvgId = (name: string): string => `${name}${useId().replaceAll(":", "-")}`;

/**
 * The outermost element of every drawing. It keeps its own coordinates (viewBox) and takes the width it is given, so that what the
 * server drew for another width still fits. One image to assistive technology, named by title and description.
 */
export function Figure({
  size,
  title,
  description,
  children,
}: {
  size: Size;
  title: string;
  description: string;
  children: ReactNode;
}) {
  const id = useSvgId("figure");
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${size.width} ${size.height}`}
      width="100%"
      height={size.height}
      role="img"
      aria-labelledby={`${id}-title ${id}-text`}
      fontFamily={fontFamily}
      style={{ display: "block", fontVariantNumeric: "tabular-nums" }}
    >
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-text`}>{description}</desc>
      {children}
    </svg>
  );
}

/** Diagonal lines over a fill: a period that still runs. */
export function Hatch({ id, fill, stripe }: { id: string; fill: string; stripe: string }) {
  return (
    <pattern id={id} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width={5} height={5} fill={fill} fillOpacity={0.34} />
      <line x1={0} y1={0} x2={0} y2={5} stroke={stripe} strokeWidth={1.8} strokeOpacity={0.8} />
    </pattern>
  );
}
