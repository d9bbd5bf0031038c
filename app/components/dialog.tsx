import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./button.tsx";
import { cx } from "./class-names.ts";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the foot, the safe one first. */
  actions?: ReactNode;
  width?: "sm" | "md" | "lg";
}

const widths = { sm: "max-w-sm", md: "max-w-lg", lg: "max-w-3xl" } as const;

/**
 * A modal on the platform's own dialog element: focus stays inside, Escape and a click beside it close it, and focus goes
 * back to where it came from.
 */
export function Dialog({ open, onClose, title, description, children, actions, width = "md" }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
  }, [open]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className={cx(
        "w-[calc(100vw-2rem)] rounded-xl border border-line bg-overlay p-0 shadow-pop open:animate-rise",
        widths[width],
      )}
    >
      {open ? (
        <div className="grid gap-4 p-5">
          <header className="flex items-start gap-4">
            <div className="grid flex-1 gap-1">
              <h2 id={`${id}-title`} className="text-lg font-semibold">
                {title}
              </h2>
              {description ? (
                <div id={`${id}-description`} className="text-sm text-ink-2">
                  {description}
                </div>
              ) : null}
            </div>
            <IconButton label="Close" onClick={onClose} className="-mt-1 -mr-1">
              <X className="size-4" aria-hidden="true" />
            </IconButton>
          </header>
          {children}
          {actions ? <footer className="flex flex-wrap justify-end gap-2 pt-1">{actions}</footer> : null}
        </div>
      ) : null}
    </dialog>
  );
}
