import { useEffect, useRef, useState } from "react";
import { deleteWidgets, duplicateWidget, placeWidgets } from "#collab/dashboard-commands.ts";
import type { Rect } from "#contracts/widgets.ts";
import { wideFrom } from "../dashboard/grid-layout.ts";
import type { ShownWidget } from "../dashboard/merge-widgets.ts";
import { ConfigurePanel } from "./configure-panel.tsx";
import { EditorGrid } from "./editor-grid.tsx";
import type { EditorProps } from "./editor-props.ts";
import { EditorToolbar } from "./editor-toolbar.tsx";
import { Gallery } from "./gallery.tsx";
import PresenceLayer from "./presence-layer.tsx";
import "./editor.css";

/** The width of a phone's grid, for its layout on a wide screen. */
const phoneWidth = 358;

/** The dashboard while it is shaped. Everything is written at once; there is nothing to save by hand. */
export default function Editor(props: EditorProps) {
  const { session, state, shown, gridWidth, note, onDone } = props;
  const [selected, setSelected] = useState<string | null>(null);
  const [isConfiguring, setConfiguring] = useState(false);
  const [isAdding, setAdding] = useState(false);
  const [isPhone, setPhone] = useState(false);
  const [said, say] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  const width = useFrameWidth(frame, gridWidth);
  const isWide = width >= wideFrom && !isPhone;
  const breakpoint = isWide ? "lg" : "sm";
  const places = new Map(shown.map(({ id, rect }): [string, Rect] => [id, rect[breakpoint]]));
  const chosen = shown.find(({ id }) => id === selected) ?? null;

  useEffect(() => {
    session.show({ editing: true });
    return () => session.show({ editing: false, selected: null, drag: null });
  }, [session]);
  useEffect(() => session.show({ selected }), [session, selected]);
  useUndoKeys(session);

  // a new card may be far down
  const isOnScreen = chosen !== null;
  useEffect(() => {
    if (selected === null || !isOnScreen) return;
    let waiting = 0;
    const reveal = () => {
      const card = frame.current?.querySelector(`[data-editing="${CSS.escape(selected)}"]`);
      // the grid lays a new card out a render later
      if (card) card.scrollIntoView({ block: "nearest", behavior: "instant" });
      else waiting = requestAnimationFrame(reveal);
    };
    reveal();
    return () => cancelAnimationFrame(waiting);
  }, [selected, isOnScreen]);

  const place = (next: ReadonlyMap<string, Rect>) =>
    session.run((doc) => placeWidgets(doc, next, breakpoint));
  const remove = (widget: ShownWidget) => {
    session.run((doc, actor) => deleteWidgets(doc, [widget.id], actor));
    setSelected(null);
    setConfiguring(false);
    say(`${nameOf(widget)} is deleted. Undo brings it back.`);
  };
  const duplicate = (widget: ShownWidget) => {
    setSelected(session.run((doc, actor) => duplicateWidget(doc, widget.id, actor)));
    say(`${nameOf(widget)} is duplicated.`);
  };

  return (
    <div className="grid gap-4">
      <EditorToolbar
        {...props}
        isPhone={isPhone}
        mayShowPhone={width >= wideFrom}
        onAdd={() => setAdding(true)}
        onPhone={setPhone}
        onDone={onDone}
      />
      <div ref={frame} className="relative">
        <div
          className={isPhone ? "mx-auto rounded-2xl border border-dashed border-line-strong p-4" : undefined}
          style={isPhone ? { width: phoneWidth + 34 } : undefined}
        >
          <GridFrame
            {...{ shown, places, note, breakpoint, selected, session, say, place, remove, duplicate }}
            width={isPhone ? phoneWidth : width}
            onSelect={setSelected}
            onConfigure={(id) => {
              setSelected(id);
              setConfiguring(true);
            }}
          />
        </div>
        {shown.length === 0 ? (
          <p className="rounded-xl border border-dashed border-line-strong px-6 py-16 text-center text-sm text-ink-2">
            Nothing is on this dashboard yet. Press “Add widget” and choose what it should show.
          </p>
        ) : null}
      </div>
      {isConfiguring && chosen ? (
        <ConfigurePanel
          key={chosen.id}
          widget={chosen}
          stored={state.widgets.find(({ id }) => id === chosen.id)}
          session={session}
          options={props.options}
          onClose={() => setConfiguring(false)}
          onDelete={() => remove(chosen)}
          onDuplicate={() => duplicate(chosen)}
        />
      ) : null}
      <Gallery
        open={isAdding}
        session={session}
        onClose={() => setAdding(false)}
        onAdded={(id, name) => {
          setAdding(false);
          setSelected(id);
          setConfiguring(true);
          say(`${name} is added.`);
        }}
      />
      <p role="status" className="sr-only">
        {said}
      </p>
    </div>
  );
}

/** The grid with others' presence over it. */
function GridFrame({ width, ...grid }: Omit<Parameters<typeof EditorGrid>[0], "width"> & { width: number }) {
  const frame = useRef<HTMLDivElement>(null);
  return (
    <div ref={frame} className="relative isolate min-h-40">
      <EditorGrid {...grid} width={width} />
      <PresenceLayer
        session={grid.session}
        frame={frame}
        places={grid.places}
        width={width}
        isWide={grid.breakpoint === "lg"}
      />
    </div>
  );
}

const nameOf = ({ title, ownTitle }: ShownWidget): string => title || ownTitle || "The widget";

function useFrameWidth(frame: { current: HTMLElement | null }, initial: number): number {
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    const target = frame.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 0);
      if (measured >= 240) setWidth(measured);
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}

/** Ctrl/Cmd-Z and Ctrl/Cmd-Shift-Z (or Ctrl-Y); in text fields they are the field's own. */
function useUndoKeys(session: EditorProps["session"]): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      if (
        event.target instanceof Element &&
        event.target.matches("input:not([type=checkbox]), textarea, select")
      )
        return;
      const key = event.key.toLowerCase();
      const isRedo = (key === "z" && event.shiftKey) || key === "y";
      if (key !== "z" && !isRedo) return;
      event.preventDefault();
      if (isRedo) session.redo();
      else session.undo();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [session]);
}
