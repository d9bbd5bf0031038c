import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testRooms } from "./testing.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});
const turn = () => new Promise((done) => setImmediate(done));

test("somebody who only reads is said to be there again and again: clients forget whoever is silent for 30 s", async () => {
  const t = testRooms();
  const editor = t.connect();
  const reader = t.connect({ canWrite: false, name: "Vera" });
  for (let i = 0; i < 5; i++) await turn();
  await vi.advanceTimersByTimeAsync(100);
  const clockOf = () => [...editor.present.values()].map(({ clock }) => clock)[0] ?? 0;
  expect(clockOf()).toBe(1);
  for (let seconds = 0; seconds < 120; seconds += 15) {
    const before = clockOf();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(clockOf()).toBeGreaterThan(before);
  }
  reader.leave();
  await vi.advanceTimersByTimeAsync(100);
  expect(editor.present.size).toBe(0);
});

test("ten thousand who came, moved and left are forgotten, clocks included", async () => {
  const t = testRooms();
  const bob = t.connect();
  for (let i = 0; i < 5; i++) await turn();
  for (let round = 0; round < 20; round++) {
    for (let index = 0; index < 500; index++) {
      const { doc, ...guest } = t.connect({ silent: true });
      guest.sayAwareness([{ client: doc.clientID, clock: 1, state: { at: index } }]);
      guest.leave();
      doc.destroy();
    }
    await vi.advanceTimersByTimeAsync(70_000);
  }
  expect(bob.present.size).toBe(0);
  const late = t.connect();
  await turn();
  expect(late.present.size).toBe(0);
});
