import type { LiveWidget } from "#collab/widgets/read-widget.ts";
import { settingsKey } from "#collab/widgets/settings-key.ts";
import type { PlacedWidget } from "#contracts/widgets.ts";

/** A card as the document has it, with the numbers that the page has for it. */
export interface ShownWidget extends PlacedWidget {
  /** Its numbers are of other settings, or not there yet: they are on their way. */
  isPending: boolean;
}

/**
 * Where cards stand and what they are called comes from the open document at once; their numbers are those that the server gave,
 * until it has given those of the new settings. @param before what was shown until now @param numbersFirst leave charts and tables
 * as they were, and change what is but one number
 */
export function mergeWidgets(
  placed: readonly PlacedWidget[],
  live: readonly LiveWidget[] | null,
  before: readonly ShownWidget[] = [],
  numbersFirst = false,
): ShownWidget[] {
  const last = new Map(before.map((widget) => [widget.id, widget]));
  return merged(placed, live).map((widget) => {
    const same = last.get(widget.id);
    return same && (isSame(same, widget) || (numbersFirst && mayFollow(same, widget))) ? same : widget;
  });
}

/** A chart or table that has other numbers, and is else as it was. */
const mayFollow = (a: ShownWidget, b: ShownWidget): boolean =>
  b.type !== "kpi" &&
  a.state.kind === "ready" &&
  b.state.kind === "ready" &&
  isSame({ ...a, subtitle: "", state: b.state }, { ...b, subtitle: "" });

/** A card that looks the same stays the same object, so that only those that changed are drawn again. */
const isSame = (a: ShownWidget, b: ShownWidget): boolean =>
  (a.isPending && a.state.kind === "empty" && b.isPending && b.state.kind === "empty"
    ? true
    : isEqual(a.state, b.state)) &&
  isEqual(a.scope, b.scope) &&
  a.policy === b.policy &&
  a.title === b.title &&
  a.type === b.type &&
  a.isPending === b.isPending &&
  a.subtitle === b.subtitle &&
  isEqual(a.rect, b.rect);

/** Each answer of the server is new objects, whatever it says. */
const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

function merged(placed: readonly PlacedWidget[], live: readonly LiveWidget[] | null): ShownWidget[] {
  if (!live) return placed.map((widget) => ({ ...widget, isPending: false }));
  const known = new Map(placed.map((widget) => [widget.id, widget]));
  return live.map((widget): ShownWidget => {
    const numbers = known.get(widget.id);
    const settings = settingsKey(widget);
    if (!numbers || numbers.type !== widget.type)
      return {
        ...{ id: widget.id, type: widget.type, rect: widget.rect, settings },
        ...{ title: widget.title, ownTitle: "", subtitle: "", policy: "", scope: { asOf: null, filter: {} } },
        state: { kind: "empty", message: "" },
        isPending: true,
      };
    return {
      ...numbers,
      title: widget.title || numbers.ownTitle,
      rect: widget.rect,
      isPending: numbers.settings !== settings,
    };
  });
}
