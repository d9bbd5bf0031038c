const keptMs = 1_000;

/**
 * Gives focus back to a number, and to its new element when its card draws itself anew just then, which would leave focus nowhere.
 * @param find the number as it is on the page now
 */
export function keepFocus(find: () => HTMLElement | null): void {
  find()?.focus();
  const until = performance.now() + keptMs;
  const look = () => {
    // somewhere else is where the reader went
    if (document.activeElement === document.body) find()?.focus();
    if (performance.now() < until) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
