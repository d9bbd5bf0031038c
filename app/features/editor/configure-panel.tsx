import { Copy, Trash2, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { configureWidget, renameWidget } from "#collab/dashboard-commands.ts";
import type { LiveWidget } from "#collab/widgets/read-widget.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import type { FilterOption } from "../dashboard/filter-options.ts";
import type { ShownWidget } from "../dashboard/merge-widgets.ts";
import type { DashboardSession } from "./session.ts";
import { typeNames } from "./widget-names.ts";
import { WidgetSettings } from "./widget-settings.tsx";

/** One widget's title and settings, beside the grid; on a phone at its foot. Everything takes effect at once. */
export function ConfigurePanel({
  widget,
  stored,
  session,
  options,
  onClose,
  onDelete,
  onDuplicate,
}: {
  widget: ShownWidget;
  /** As the document has it; absent for a moment while it is being deleted. */
  stored: LiveWidget | undefined;
  session: DashboardSession;
  options: readonly FilterOption[];
  onClose: () => void;
  onDelete: () => void;
  onDuplicate: () => void;
}) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.querySelector("input")?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  if (!stored) return null;
  const configure = (cfg: Record<string, unknown>) =>
    session.run((doc) => configureWidget(doc, widget.id, cfg));
  return (
    <aside
      ref={panel}
      aria-label="Settings of the widget"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
      className="fixed inset-x-0 bottom-0 z-50 max-h-[70dvh] overflow-y-auto rounded-t-2xl border border-line bg-overlay shadow-pop animate-rise sm:inset-x-auto sm:top-28 sm:right-4 sm:bottom-auto sm:max-h-[calc(100dvh-8rem)] sm:w-80 sm:rounded-2xl"
    >
      <header className="sticky top-0 z-10 flex items-center gap-2 border-b border-line bg-overlay py-2 pr-2 pl-4">
        <h2 className="flex-1 text-sm font-semibold">{typeNames[stored.type]}</h2>
        <IconButton label="Duplicate this widget" size="sm" onClick={onDuplicate}>
          <Copy aria-hidden="true" className="size-4" />
        </IconButton>
        <IconButton label="Delete this widget" size="sm" onClick={onDelete}>
          <Trash2 aria-hidden="true" className="size-4" />
        </IconButton>
        <IconButton label="Close the settings" size="sm" onClick={onClose}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      </header>
      <div className="grid gap-4 p-4">
        <TitleField
          title={stored.title}
          placeholder={widget.ownTitle || typeNames[stored.type]}
          onTitle={(title) => session.run((doc) => renameWidget(doc, widget.id, title), "typing")}
        />
        <WidgetSettings type={stored.type} cfg={stored.cfg} options={options} onChange={configure} />
        <Button onClick={onClose} className="sm:hidden">
          Done
        </Button>
      </div>
    </aside>
  );
}

/** Follows others' typing while it is not typed in. */
function TitleField({
  title,
  placeholder,
  onTitle,
}: {
  title: string;
  placeholder: string | undefined;
  onTitle: (title: string) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextField
      label="Title"
      maxLength={200}
      autoComplete="off"
      placeholder={placeholder}
      hint="Empty: it says what it shows."
      value={typed ?? title}
      onChange={({ target }) => {
        setTyped(target.value);
        onTitle(target.value);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
