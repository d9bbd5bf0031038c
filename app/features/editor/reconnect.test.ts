import { expect, test } from "vitest";
import { reconnectDelay, spreadReconnects } from "./reconnect.ts";

test("security row 28: a thousand pages that lost their server come back spread over a second, then over longer", () => {
  const first = Array.from({ length: 1_000 }, () => reconnectDelay(0));
  const perTenth = Map.groupBy(first, (ms) => Math.floor((ms - 100) / 100));
  expect([...perTenth.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // chance gives a hundred to each tenth of a second; twice as many come once in 10^18 runs
  expect(Math.max(...[...perTenth.values()].map(({ length }) => length))).toBeLessThan(200);
  const most = () => 1;
  expect([0, 1, 2, 3, 10].map((failures) => reconnectDelay(failures, most))).toEqual([
    1_100, 2_100, 4_100, 8_100, 15_100,
  ]);
  expect(reconnectDelay(3, () => 0)).toBe(100);
});

test("y-websocket's own wait, which is the same for all, does not count, and a good connection begins anew", () => {
  const heard = new Map<string, (isSynced: boolean) => void>();
  const provider = {
    ...{ maxBackoffTime: 2_500, wsUnsuccessfulReconnects: 0 },
    on: (name: string, fn: (isSynced: boolean) => void) => void heard.set(name, fn),
  };
  spreadReconnects(provider);
  const close = (): number => {
    heard.get("connection-close")?.(false);
    // as it does right after
    provider.wsUnsuccessfulReconnects += 1;
    return Math.min(2 ** provider.wsUnsuccessfulReconnects * 100, provider.maxBackoffTime);
  };
  const waits = Array.from({ length: 30 }, close);
  expect(waits[0]).toBeLessThanOrEqual(1_100);
  expect(Math.max(...waits)).toBeLessThanOrEqual(15_100);
  expect(new Set(waits).size).toBe(30);
  heard.get("sync")?.(true);
  expect(close()).toBeLessThanOrEqual(1_100);
});
