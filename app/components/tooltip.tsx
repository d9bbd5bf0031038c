import { cloneElement, type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from "react";

const delay = 250;
const gap = 6;
const edge = 8;

/**
 * A short text beside what the pointer or the keyboard is on. It lies in the browser's top layer, so nothing clips it; it can be
 * hovered, and Escape dismisses it. The child must be focusable and takes `aria-describedby`.
 */
export function Tooltip({
  content,
  children,
}: {
  content: ReactNode;
  children: ReactElement<{ "aria-describedby"?: string }>;
}) {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const [open, setOpen] = useState(false);

  const later = (next: boolean, ms: number) => {
    if (timer.current) clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(next), ms);
  };

  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
    },
    [],
  );

  useEffect(() => {
    const element = bubble.current;
    const target = anchor.current?.firstElementChild;
    if (!element || !target || typeof element.showPopover !== "function") return;
    if (!open) {
      if (element.matches(":popover-open")) element.hidePopover();
      return;
    }
    if (!element.matches(":popover-open")) element.showPopover();
    const at = target.getBoundingClientRect();
    const size = element.getBoundingClientRect();
    const above = at.top - size.height - gap;
    element.style.top = `${above >= edge ? above : at.bottom + gap}px`;
    element.style.left = `${Math.min(Math.max(edge, at.left + at.width / 2 - size.width / 2), window.innerWidth - size.width - edge)}px`;
    const dismiss = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    const gone = () => setOpen(false);
    document.addEventListener("keydown", dismiss);
    window.addEventListener("scroll", gone, { capture: true, passive: true });
    return () => {
      document.removeEventListener("keydown", dismiss);
      window.removeEventListener("scroll", gone, { capture: true });
    };
  }, [open]);

  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only listens for the child that it holds */}
      <span
        ref={anchor}
        className="contents"
        onPointerOver={() => later(true, delay)}
        onPointerOut={() => later(false, 120)}
        onFocus={() => later(true, 0)}
        onBlur={() => later(false, 0)}
      >
        {cloneElement(children, { "aria-describedby": id })}
      </span>
      <div
        {...{ popover: "manual" }}
        ref={bubble}
        id={id}
        role="tooltip"
        onPointerEnter={() => later(true, 0)}
        onPointerLeave={() => later(false, 120)}
        className="pointer-events-auto fixed m-0 max-w-72 rounded-lg border border-line bg-overlay px-3 py-2 text-left text-xs font-normal text-ink-2 shadow-pop"
      >
        {content}
      </div>
    </>
  );
}
