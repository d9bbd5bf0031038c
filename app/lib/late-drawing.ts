/**
 * What a page draws after its numbers, so that nobody waits for charts to see a number move. Who wants to look at all of a change
 * asks here when it is on the page.
 */
let isOpen = false;
const waiting = new Set<() => void>();

/** In the layout effect of what draws the first part: the rest follows. */
export function beginLateDrawing(): void {
  isOpen = true;
}

export function endLateDrawing(): void {
  isOpen = false;
  for (const look of waiting) look();
  waiting.clear();
}

/** In a layout effect: `look` runs when this commit, and what it draws later, is on the page. */
export function whenAllDrawn(look: () => void): void {
  // after the layout effects of the whole page, which may begin something
  queueMicrotask(() => {
    if (isOpen) waiting.add(look);
    else look();
  });
}
