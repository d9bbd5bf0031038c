/** As much of y-websocket's provider as decides when it comes back. */
interface Reconnecting {
  /** It waits `2^wsUnsuccessfulReconnects * 100` ms, and at most this. */
  maxBackoffTime: number;
  wsUnsuccessfulReconnects: number;
  on(name: "connection-close", fn: () => void): void;
  on(name: "sync", fn: (isSynced: boolean) => void): void;
}

/** From here on only `maxBackoffTime` counts. */
const longEnough = 8;
const longestMs = 15_000;

/** Milliseconds to wait after so many failures: spread over a second, then two, then four. */
export const reconnectDelay = (failures: number, random: () => number = Math.random): number =>
  100 + random() * Math.min(longestMs, 1_000 * 2 ** Math.min(failures, 10));

/** The provider waits as long as everybody else does: a thousand pages that lost their server would come back in one moment. */
export function spreadReconnects(provider: Reconnecting): void {
  let failures = 0;
  provider.on("connection-close", () => {
    provider.maxBackoffTime = reconnectDelay(failures);
    provider.wsUnsuccessfulReconnects = longEnough;
    failures += 1;
  });
  provider.on("sync", (isSynced) => {
    if (isSynced) failures = 0;
  });
}
