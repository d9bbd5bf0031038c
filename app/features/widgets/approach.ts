import { type RefObject, useEffect } from "react";

/**
 * Charts are drawn on the server; their code is wanted only when somebody comes near, so a visit that only looks loads nothing. At
 * the reader's first sign of life the cards on the screen fetch theirs, the others follow when the browser is idle. A gesture that
 * may change the page (a click, a key, going back) calls for all at once: React cannot change a page while parts of it still
 * wait, so nothing may be left waiting for somebody who never comes.
 */

type Approach = () => void;

const waiting = new Set<Approach>();
/** Cards that the server drew and whose code has not taken over yet. */
const asleep = new Set<object>();
const watching = new Set<() => void>();
let alive = false;
let listening = false;

const signs = ["pointermove", "wheel", "scroll", "touchstart"] as const;
const gestures = ["pointerdown", "keydown", "submit", "popstate"] as const;

/** Everything that still waits is wanted now. Call it before the page changes by itself, e.g. when live numbers arrive. */
export function approachAll(): void {
  for (const approach of [...waiting]) approach();
}

/** An update that reaches a card asleep and is no transition makes React throw away what the server drew. */
export const isAnyAsleep = (): boolean => asleep.size > 0;

/** A card is asleep from here on. @returns wakes it */
export function fallAsleep(): () => void {
  const card = {};
  asleep.add(card);
  return () => asleep.delete(card);
}

function onSign() {
  alive = true;
  for (const sign of signs) window.removeEventListener(sign, onSign, true);
  for (const watch of [...watching]) watch();
  approachNextWhenIdle();
}

function approachNextWhenIdle() {
  whenIdle(() => {
    const [next] = waiting;
    if (!next) return;
    next();
    approachNextWhenIdle();
  });
}

const whenIdle = (task: () => void): void => {
  if ("requestIdleCallback" in window) window.requestIdleCallback(task, { timeout: 1500 });
  else setTimeout(task, 100);
};

function listen() {
  if (listening) return;
  listening = true;
  const options = { capture: true, passive: true };
  for (const sign of signs) window.addEventListener(sign, onSign, options);
  for (const gesture of gestures) window.addEventListener(gesture, approachAll, options);
}

/** Calls `approach` once, when somebody comes near the element. */
export function useApproach(element: RefObject<HTMLElement | null>, approach: Approach): void {
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    listen();
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) once();
      },
      { rootMargin: "160px" },
    );
    const watch = () => near.observe(target);
    const touches = ["pointerenter", "focusin"] as const;
    const stop = () => {
      waiting.delete(once);
      watching.delete(watch);
      near.disconnect();
      for (const touch of touches) target.removeEventListener(touch, once);
    };
    const once = () => {
      stop();
      approach();
    };
    waiting.add(once);
    watching.add(watch);
    if (alive) {
      watch();
      approachNextWhenIdle();
    }
    for (const touch of touches) target.addEventListener(touch, once, { passive: true });
    return stop;
  }, [element, approach]);
}
