import type { ComponentType } from "react";
import type { WidgetType, WidgetViews } from "#contracts/widgets.ts";
import type { BodySize } from "../dashboard/grid-layout.ts";

/** What draws a card's content: on the server at once, in the browser when its code has come. */
export interface BodyProps<Type extends WidgetType> {
  id: string;
  title: string;
  view: WidgetViews[Type];
  /** What the server drew for; in the browser the body measures itself. */
  size: BodySize;
}

export type Body<Type extends WidgetType> = ComponentType<BodyProps<Type>>;
export type Bodies = { [Type in WidgetType]: Body<Type> };

/** How many rows of a table fit into a height; a few in any case. */
export const fittingRows = (height: number, rowHeight: number): number =>
  Math.max(3, Math.floor(height / rowHeight));

/** KPI cards of two rows lay the number and its course side by side. */
export const lowBody = 50;
