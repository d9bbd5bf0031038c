import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "../../components/button.tsx";
import type { CommentStore } from "./comment-store.ts";
import { keepFocus } from "./keep-focus.ts";
import { useBeside } from "./use-beside.ts";

/**
 * The frame of what is said about a number: beside it on wide screens, a sheet at the bottom of a phone's. The page behind stays
 * usable; Escape or a click elsewhere closes, and focus goes back to the number.
 */
export function PanelFrame({
  store,
  target,
  find,
  title,
  subtitle,
  actions,
  children,
}: {
  store: CommentStore;
  /** What it stands beside; null: the corner. */
  target: HTMLElement | null;
  /** Looks for the number anew. */
  find?: () => HTMLElement | null;
  title: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  useBeside(panel, target);

  useEffect(() => {
    const element = panel.current;
    // the field for a new comment has it already
    if (element && !element.contains(document.activeElement)) element.focus({ preventScroll: true });
    const onPointer = (event: PointerEvent) => {
      const { target: pressed } = event;
      if (!(pressed instanceof Element) || panel.current?.contains(pressed)) return;
      if (!pressed.closest("[data-discussion], [data-discussions]")) store.close();
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [store]);

  useEffect(() => {
    if (!target || target.closest("a, button")) return;
    target.setAttribute("data-discussed", "");
    return () => target.removeAttribute("data-discussed");
  }, [target]);

  const close = () => {
    // cards draw themselves again: the number that one came from may be another element by now
    const { opener } = store;
    const back = () => [target, opener].find((element) => element?.isConnected) ?? find?.() ?? null;
    store.close();
    keepFocus(back);
  };

  return (
    <section
      ref={panel}
      role="dialog"
      aria-labelledby={id}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        close();
      }}
      className="fixed z-40 flex flex-col overflow-hidden border border-line bg-overlay shadow-pop outline-none animate-rise max-sm:inset-x-0 max-sm:bottom-0 max-sm:max-h-[80dvh] max-sm:rounded-t-xl sm:max-h-[min(34rem,calc(100dvh-1rem))] sm:w-90 sm:rounded-xl"
    >
      <header className="flex items-start gap-2 border-b border-line py-2.5 pr-2 pl-4">
        <div className="min-w-0 flex-1">
          <h2 id={id} className="truncate text-sm leading-6 font-semibold">
            {title}
          </h2>
          {subtitle ? <div className="text-xs text-ink-3">{subtitle}</div> : null}
        </div>
        {actions}
        <IconButton label="Close" size="sm" onClick={close}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-4 pb-3">{children}</div>
    </section>
  );
}
