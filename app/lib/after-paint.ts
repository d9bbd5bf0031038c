import { startTransition, useEffect, useState } from "react";
import { useLayout } from "./use-layout.ts";

/** Pages in view that draw in two steps. */
let pages = 0;
const waiting = new Set<(isLater: boolean) => void>();

/** Runs `task` when the page is whole: at once, or with the step that is still to come. */
export function whenWhole(task: (isLater: boolean) => void): void {
  if (pages === 0) task(false);
  else waiting.add(task);
}

function tellWhole(): void {
  const tasks = [...waiting];
  waiting.clear();
  for (const task of tasks) task(true);
}

/**
 * Draws in two steps what changes by itself: `value` comes late by one painted frame, so that what is drawn without it is on the screen
 * first. In another place it comes at once.
 * @param place the address's key
 */
export function useAfterPaint<Value>(value: Value, place: string): Value {
  const [painted, setPainted] = useState({ value, place });
  if (painted.place !== place) setPainted({ value, place });
  const late = painted.place === place ? painted.value : value;
  const isWhole = late === value;

  useEffect(() => {
    if (isWhole) return;
    return afterPaint(() => startTransition(() => setPainted({ value, place })));
  }, [isWhole, value, place]);

  useLayout(() => {
    pages += 1;
    return () => {
      pages -= 1;
      if (pages === 0) tellWhole();
    };
  }, []);
  useLayout(() => {
    if (isWhole) tellWhole();
  });
  return late;
}

/** A hidden tab paints nothing, and is not waited for. @returns gives it up */
function afterPaint(task: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    timer = setTimeout(task);
  };
  if (document.visibilityState === "hidden") soon();
  const frame = requestAnimationFrame(soon);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
