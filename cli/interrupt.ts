import { Problem } from "./problem.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Lets a command end in order when somebody stops it: `signal` aborts at the first Ctrl-C, a second one ends the process.
 * npm hands a signal on that the terminal has already sent, so the same one within a second counts as one.
 */
export function onInterrupt(say: () => void): { signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  let first = 0;
  const stop = () => {
    if (first === 0) {
      first = Date.now();
      say();
      controller.abort(new Problem("Stopped."));
    } else if (Date.now() - first > 1_000) process.exit(130);
  };
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    done() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
