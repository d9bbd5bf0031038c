import type { PlacedWidget, Rect } from "#contracts/widgets.ts";

/**
 * The measures of the dashboard grid, known before anything is on a screen: the server draws charts in the size that they will have.
 * grid.css holds the same row, gap and breakpoint.
 */
export const gridRow = 32;
export const gridGap = 12;
/** From this width of the grid on it has twelve columns, below four. */
export const wideFrom = 900;

const columns = (gridWidth: number): number => (gridWidth >= wideFrom ? 12 : 4);
const cardPadding = 16;
const border = 1;
const headHeight = 44;
const bottomPadding = 14;

export const rectFor = (rect: PlacedWidget["rect"], gridWidth: number): Rect =>
  gridWidth >= wideFrom ? rect.lg : rect.sm;

export interface BodySize {
  width: number;
  height: number;
}

/** The room inside a card under its head. */
export function bodySize(rect: PlacedWidget["rect"], gridWidth: number): BodySize {
  const [, , w, h] = rectFor(rect, gridWidth);
  const column = (gridWidth - (columns(gridWidth) - 1) * gridGap) / columns(gridWidth);
  return {
    width: Math.max(80, Math.round(w * column + (w - 1) * gridGap - 2 * (cardPadding + border))),
    height: Math.max(48, h * gridRow + (h - 1) * gridGap - 2 * border - headHeight - bottomPadding),
  };
}

const cookieName = "grid";
/** A desktop window of 1280 and a phone of 390, less what stands beside the grid. */
const firstVisit = { desktop: 993, phone: 358 };
const aYear = 365 * 24 * 60 * 60;

/** The grid's width at the last visit, else a guess from the kind of device. */
export function gridWidthOf(headers: Headers): number {
  const cookie = /(?:^|;\s*)grid=(\d{3,4})(?:;|$)/.exec(headers.get("cookie") ?? "")?.[1];
  const known = Number(cookie);
  if (cookie && known >= 240 && known <= 6000) return known;
  const isPhone = headers.get("sec-ch-ua-mobile") === "?1" || /Mobi/.test(headers.get("user-agent") ?? "");
  return isPhone ? firstVisit.phone : firstVisit.desktop;
}

/** For `document.cookie`. */
export const gridWidthCookie = (width: number): string =>
  `${cookieName}=${Math.round(width)}; Path=/; Max-Age=${aYear}; SameSite=Lax`;
