import { useMemo, useRef } from "react";
import { type Compactor, GridLayout, type Layout } from "react-grid-layout";
import { type Breakpoint, compactLayout, gridColumns } from "#collab/layout.ts";
import type { Rect } from "#contracts/widgets.ts";
import { gridGap, gridRow } from "../dashboard/grid-layout.ts";
import type { ShownWidget } from "../dashboard/merge-widgets.ts";
import { EditorCard } from "./editor-card.tsx";
import { nudge, resize } from "./grid-geometry.ts";
import type { DashboardSession } from "./session.ts";

interface EditorGridProps {
  shown: readonly ShownWidget[];
  places: ReadonlyMap<string, Rect>;
  breakpoint: Breakpoint;
  width: number;
  note: string;
  selected: string | null;
  session: DashboardSession;
  say: (text: string) => void;
  place: (places: ReadonlyMap<string, Rect>) => void;
  remove: (widget: ShownWidget) => void;
  duplicate: (widget: ShownWidget) => void;
  onSelect: (id: string | null) => void;
  onConfigure: (id: string) => void;
}

/** As often as a card on the move is told to others. */
const everyMs = 66;

const rectsOf = (layout: Layout): Map<string, Rect> =>
  new Map(layout.map(({ i, x, y, w, h }) => [i, [x, y, w, h]]));

/** The same gravity as in the drawn dashboard, so that nothing jumps when a card is dropped. */
const compactorOf = (breakpoint: Breakpoint): Compactor => ({
  type: "vertical",
  allowOverlap: false,
  compact(layout) {
    const items = [...layout].sort(
      (a, b) => a.y - b.y || Number(b.moved ?? false) - Number(a.moved ?? false),
    );
    const placed = compactLayout(
      items.map(({ i, x, y, w, h }) => ({ id: i, rect: [x, y, w, h] })),
      breakpoint,
    );
    return layout.map((item) => {
      const [x, y, w, h] = placed.get(item.i) ?? [item.x, item.y, item.w, item.h];
      return { ...item, x, y, w, h, moved: false };
    });
  },
});

/** Cards that are moved and resized by mouse, touch and keyboard. What is dropped is written once. */
export function EditorGrid(props: EditorGridProps) {
  const { shown, places, breakpoint, width, session, selected, say, place } = props;
  const compactor = useMemo(() => compactorOf(breakpoint), [breakpoint]);
  const told = useRef(0);
  const layout = shown.map(({ id }) => {
    const [x, y, w, h] = places.get(id) ?? [0, 0, 1, 1];
    return { i: id, x, y, w, h, minH: 2 };
  });
  const tell = (_layout: Layout, _old: unknown, item: Layout[number] | null) => {
    if (!item || performance.now() - told.current < everyMs) return;
    told.current = performance.now();
    const { i, x, y, w, h } = item;
    session.show({ drag: { id: i, rect: [x, y, w, h], wide: breakpoint === "lg" } });
  };
  const begin = (_layout: Layout, _old: unknown, item: Layout[number] | null) =>
    item && props.onSelect(item.i);
  const drop = (next: Layout) => {
    session.show({ drag: null });
    place(rectsOf(next));
  };
  const byKeyboard = (widget: ShownWidget, how: "move" | "resize", [dx, dy]: [number, number]) => {
    const next = (how === "move" ? nudge : resize)(places, widget.id, [dx, dy], breakpoint);
    if (next === places) return say("It cannot go further in this direction.");
    place(next);
    const [x, y, w, h] = next.get(widget.id) ?? [0, 0, 0, 0];
    say(
      how === "move"
        ? `Column ${x + 1}, row ${y + 1}.`
        : `${w} ${w === 1 ? "column" : "columns"} wide, ${h} rows high.`,
    );
  };
  return (
    <GridLayout
      className="editor-grid"
      width={width}
      layout={layout}
      gridConfig={{
        cols: gridColumns[breakpoint],
        rowHeight: gridRow,
        margin: [gridGap, gridGap],
        containerPadding: [0, 0],
        maxRows: Number.POSITIVE_INFINITY,
      }}
      dragConfig={{ enabled: true, bounded: false, handle: ".drag-handle", threshold: 3 }}
      resizeConfig={{ enabled: true, handles: ["se"] }}
      compactor={compactor}
      onDragStart={begin}
      onDrag={tell}
      onDragStop={drop}
      onResizeStart={begin}
      onResize={tell}
      onResizeStop={drop}
    >
      {shown.map((widget) => (
        <div key={widget.id} className="min-w-0">
          <EditorCard
            widget={widget}
            gridWidth={width}
            note={props.note}
            isSelected={widget.id === selected}
            onSelect={() => props.onSelect(widget.id)}
            onConfigure={() => props.onConfigure(widget.id)}
            onDuplicate={() => props.duplicate(widget)}
            onDelete={() => props.remove(widget)}
            onStep={(how, step) => byKeyboard(widget, how, step)}
          />
        </div>
      ))}
    </GridLayout>
  );
}
