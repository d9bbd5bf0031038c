import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Bus, createBus } from "./bus.ts";
import { redisWay } from "./bus-redis.ts";
import { newId } from "./ids.ts";
import { startTestRedis, type TestRedis } from "./testing-redis.ts";

let redis: TestRedis;
let buses: [Bus, Bus];

beforeAll(async () => {
  redis = await startTestRedis();
  buses = [
    createBus({ ways: [redisWay({ url: redis.url })] }),
    createBus({ ways: [redisWay({ url: redis.url })] }),
  ];
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  await redis.close();
});

test("the way over Redis carries messages with their bytes, once, and comes back after a cut", async () => {
  const gap = vi.fn();
  buses[1].onGap(gap);
  const [own, others] = [vi.fn(), vi.fn()];
  buses[0].subscribe("room", own);
  buses[1].subscribe("room", others);
  for (let round = 1; round <= 2; round++) {
    const payload = { orgId: newId(), docId: newId(), nodeId: newId(), kind: "updates" as const };
    const bytes = new Uint8Array([0, 13, 10, 255, round]);
    await vi.waitFor(
      () => {
        expect(redis.subscribers).toBe(2);
        others.mockClear();
        own.mockClear();
        buses[0].publish("room", payload, bytes);
        // this process hears itself at once, and not again from afar
        expect(own).toHaveBeenCalledTimes(1);
      },
      { timeout: 15_000 },
    );
    await vi.waitFor(
      () => {
        if (others.mock.calls.length === 0) buses[0].publish("room", payload, bytes);
        expect(others).toHaveBeenCalled();
      },
      { timeout: 15_000, interval: 50 },
    );
    const [heard, heardBytes] = others.mock.calls[0] as [unknown, Uint8Array];
    expect(heard).toEqual(payload);
    expect([...heardBytes]).toEqual([...bytes]);
    if (round === 2) break;
    redis.cut();
    await vi.waitFor(() => expect(redis.subscribers).toBe(0));
  }
  expect(gap).toHaveBeenCalled();
});
