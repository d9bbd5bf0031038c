/**
 * Runs `stop` at the first SIGINT or SIGTERM and ends the process; a second signal ends it at once. npm hands a signal
 * on that the terminal has already sent, so the same one within a second counts as one.
 */
export function stopOnSignals(stop: (signal: string) => Promise<void>): void {
  let first = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (first === 0) {
      first = Date.now();
      stop(signal).then(
        () => process.exit(0),
        (error) => {
          console.error(error);
          process.exit(1);
        },
      );
    } else if (Date.now() - first > 1_000) {
      console.error("Stopped at once.");
      process.exit(1);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", onSignal);
}
