import { useEffect, useLayoutEffect } from "react";

/** `useLayoutEffect` in the browser; the server does not lay out, and says so loudly. */
export const useLayout = typeof document === "undefined" ? useEffect : useLayoutEffect;
