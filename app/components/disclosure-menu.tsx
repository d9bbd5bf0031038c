import { type ReactNode, useEffect, useRef } from "react";
import { cx } from "./class-names.ts";

/**
 * A button that opens a small panel, on the details element: it works before and without scripts; with them it also closes by
 * Escape, by a click elsewhere and when focus leaves. For lists of commands with arrow keys see menu.tsx.
 */
export function DisclosureMenu({
  summary,
  summaryClass,
  panelClass,
  children,
  className,
}: {
  summary: ReactNode;
  summaryClass?: string;
  panelClass?: string;
  children: ReactNode;
  className?: string;
}) {
  const details = useRef<HTMLDetailsElement>(null);

  useEffect(() => {
    const element = details.current;
    if (!element) return;
    const close = () => {
      element.open = false;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !element.open) return;
      close();
      element.querySelector("summary")?.focus();
    };
    const onPointer = (event: PointerEvent) => {
      if (element.open && event.target instanceof Node && !element.contains(event.target)) close();
    };
    const onLeave = (event: FocusEvent) => {
      if (event.relatedTarget instanceof Node && !element.contains(event.relatedTarget)) close();
    };
    const onChoice = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest("a, [data-closes]")) close();
    };
    element.addEventListener("keydown", onKey);
    element.addEventListener("focusout", onLeave);
    element.addEventListener("click", onChoice);
    document.addEventListener("pointerdown", onPointer);
    return () => {
      element.removeEventListener("keydown", onKey);
      element.removeEventListener("focusout", onLeave);
      element.removeEventListener("click", onChoice);
      document.removeEventListener("pointerdown", onPointer);
    };
  }, []);

  return (
    <details ref={details} className={cx("relative", className)}>
      <summary className={summaryClass}>{summary}</summary>
      {/* takes the focus of a press on what cannot have it, such as a label: on the page's main part it would close this before the click */}
      <div
        tabIndex={-1}
        className={cx(
          "absolute z-40 min-w-56 rounded-xl border border-line bg-overlay p-1.5 shadow-pop outline-none animate-rise",
          panelClass,
        )}
      >
        {children}
      </div>
    </details>
  );
}
