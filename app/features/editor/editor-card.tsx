import { Copy, GripVertical, Settings2, Trash2 } from "lucide-react";
import type { KeyboardEvent } from "react";
import { IconButton } from "../../components/button.tsx";
import { cx } from "../../components/class-names.ts";
import type { ShownWidget } from "../dashboard/merge-widgets.ts";
import { WidgetCard } from "../widgets/widget-card.tsx";

type Step = [dx: number, dy: number];
const steps: Readonly<Record<string, Step>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A card in the editor: its content is only looked at; a grip, and what can be done to it, are over it. */
export function EditorCard({
  widget,
  gridWidth,
  note,
  isSelected,
  onSelect,
  onConfigure,
  onDuplicate,
  onDelete,
  onStep,
}: {
  widget: ShownWidget;
  gridWidth: number;
  note: string;
  isSelected: boolean;
  onSelect: () => void;
  onConfigure: () => void;
  onDuplicate: () => void;
  onDelete: () => void;
  onStep: (how: "move" | "resize", step: Step) => void;
}) {
  const name = widget.title || widget.ownTitle || "New widget";
  const onKey = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      onStep(event.shiftKey ? "resize" : "move", step);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      onConfigure();
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onDelete();
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fieldset, it holds no form
    <div
      role="group"
      aria-label={name}
      data-editing={widget.id}
      data-selected={isSelected}
      className={cx(
        "group/edit relative h-full scroll-mt-36 scroll-mb-24 rounded-xl",
        isSelected && "outline-2 outline-offset-1 outline-accent",
      )}
    >
      <div {...{ inert: "" }} className="h-full [&>section]:h-full">
        <WidgetCard widget={widget} gridWidth={gridWidth} note={note} />
      </div>
      {/* by mouse the whole card is the grip; a finger scrolls the page with it, and taps to choose */}
      <button
        type="button"
        tabIndex={-1}
        aria-hidden="true"
        onClick={onSelect}
        onDoubleClick={onConfigure}
        className="drag-handle absolute inset-0 z-10 cursor-grab rounded-xl active:cursor-grabbing pointer-coarse:hidden"
      />
      <button
        type="button"
        tabIndex={-1}
        aria-hidden="true"
        onClick={onSelect}
        className="absolute inset-0 z-10 rounded-xl pointer-fine:hidden"
      />
      <div
        className={cx(
          "absolute top-1.5 right-1.5 z-30 flex rounded-lg border border-line bg-overlay p-0.5 transition-opacity duration-100",
          isSelected
            ? "opacity-100"
            : "opacity-0 group-focus-within/edit:opacity-100 group-hover/edit:opacity-100",
        )}
      >
        <IconButton
          label={`Move ${name}`}
          title="Drag to move. Arrow keys move, with Shift they resize, Enter configures, Delete deletes."
          aria-description="Arrow keys move, with Shift they resize, Enter configures, Delete deletes."
          size="sm"
          className="drag-handle cursor-grab touch-none"
          onFocus={onSelect}
          onKeyDown={onKey}
        >
          <GripVertical aria-hidden="true" className="size-3.5" />
        </IconButton>
        <IconButton label={`Configure ${name}`} title="Configure" size="sm" onClick={onConfigure}>
          <Settings2 aria-hidden="true" className="size-3.5" />
        </IconButton>
        <IconButton label={`Duplicate ${name}`} title="Duplicate" size="sm" onClick={onDuplicate}>
          <Copy aria-hidden="true" className="size-3.5" />
        </IconButton>
        <IconButton label={`Delete ${name}`} title="Delete" size="sm" onClick={onDelete}>
          <Trash2 aria-hidden="true" className="size-3.5" />
        </IconButton>
      </div>
    </div>
  );
}
