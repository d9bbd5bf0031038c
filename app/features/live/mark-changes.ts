const markedMs = 4_000;
const timers = new WeakMap<Element, ReturnType<typeof setTimeout>>();

/** Shows for a while that numbers are others: they come in by a short move, and their ground is tinted (motion.css). */
export function markChanges(elements: readonly Element[]): void {
  const again = elements.filter((element) => element.hasAttribute("data-changed"));
  for (const element of again) element.removeAttribute("data-changed");
  // those that still show their last change begin once more, for which the page is laid out once, not once for each
  void (again[0] as HTMLElement | undefined)?.offsetWidth;
  for (const element of elements) {
    clearTimeout(timers.get(element));
    element.setAttribute("data-changed", "");
    timers.set(
      element,
      setTimeout(() => element.removeAttribute("data-changed"), markedMs),
    );
  }
}
