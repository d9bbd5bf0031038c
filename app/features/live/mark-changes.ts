const markedMs = 4_000;
const timers = new WeakMap<Element, ReturnType<typeof setTimeout>>();

/** Shows for a while that a number is another: it comes in by a short move, and its ground is tinted (motion.css). */
export function markChanges(elements: readonly Element[]): void {
  for (const element of elements) {
    clearTimeout(timers.get(element));
    // once more from the start, if it still shows the last change
    element.removeAttribute("data-changed");
    void (element as HTMLElement).offsetWidth;
    element.setAttribute("data-changed", "");
    timers.set(
      element,
      setTimeout(() => element.removeAttribute("data-changed"), markedMs),
    );
  }
}
