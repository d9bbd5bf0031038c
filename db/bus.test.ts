import { describe, expect, test } from "vitest";
import { type BusMessage, type BusWay, createBus } from "./bus.ts";
import { newId } from "./ids.ts";

/** A way whose other end the test holds. */
function testWay() {
  const sent: BusMessage[] = [];
  let open: { receive(message: unknown): void; onGap(): void } | null = null;
  const way: BusWay = {
    open: (receive, onGap) => {
      open = { receive, onGap };
    },
    send: (message) => sent.push(message),
    close: async () => {},
  };
  return { way, sent, receive: (message: unknown) => open?.receive(message), gap: () => open?.onGap() };
}

describe("the bus", () => {
  test("tells subscribers of the topic, here and along every way, until they end", () => {
    const { way, sent } = testWay();
    const bus = createBus({ ways: [way] });
    const heard: unknown[] = [];
    const end = bus.subscribe("feed", (payload, bytes) => heard.push([payload, bytes]));
    bus.subscribe("authz", () => heard.push("not this one"));
    const orgId = newId();
    bus.publish("feed", { orgId }, new Uint8Array([1]));
    end();
    bus.publish("feed", { orgId });
    expect(heard).toEqual([[{ orgId }, new Uint8Array([1])]]);
    expect(sent.map(({ topic, payload }) => ({ topic, payload }))).toEqual([
      { topic: "feed", payload: { orgId } },
      { topic: "feed", payload: { orgId } },
    ]);
  });

  test("delivers what comes along a way, and neither what it does not understand nor a scope that means everybody", () => {
    const { way, receive } = testWay();
    const faults: unknown[] = [];
    const bus = createBus({ ways: [way], onError: (error) => faults.push(error) });
    const heard: unknown[] = [];
    bus.subscribe("feed", (payload) => heard.push(payload));
    bus.subscribe("authz", (payload) => heard.push(payload));
    const orgId = newId();
    receive({ topic: "feed", payload: { orgId: "x'; DROP" } });
    receive({ topic: "of tomorrow", payload: {} });
    receive("no message");
    receive({ topic: "authz", payload: { userId: null, orgId: null } });
    receive({ topic: "feed", payload: { orgId } });
    expect(heard).toEqual([{ orgId }]);
    expect(faults).toHaveLength(4);
  });

  test("goes on when a subscriber throws", () => {
    const faults: unknown[] = [];
    const bus = createBus({ onError: (error) => faults.push(error) });
    let heard = 0;
    bus.subscribe("feed", () => {
      throw new Error("broken");
    });
    bus.subscribe("feed", () => heard++);
    bus.publish("feed", { orgId: newId() });
    expect([heard, faults.length]).toEqual([1, 1]);
  });

  test("says when messages may have been lost", () => {
    const { way, gap } = testWay();
    const bus = createBus({ ways: [way] });
    let gaps = 0;
    bus.onGap(() => gaps++);
    gap();
    expect(gaps).toBe(1);
  });
});
