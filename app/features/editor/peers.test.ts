import { afterEach, expect, test } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { readPeers } from "./peers.ts";

const made: Awareness[] = [];
afterEach(() => {
  for (const awareness of made.splice(0)) awareness.destroy();
});

/** Others' states as they came, whatever is in them. */
function awarenessOf(states: Record<number, Record<string, unknown>>): Awareness {
  const awareness = new Awareness(new Y.Doc());
  made.push(awareness);
  for (const [client, state] of Object.entries(states)) awareness.states.set(Number(client), state);
  return awareness;
}

test("everybody else who was named by the server, with what can be read of their states", () => {
  const drag = { id: "arr", rect: [0, 1, 2, 3], wide: true };
  const user = { id: "u1", name: "Ada" };
  const peers = readPeers(
    awarenessOf({
      1: { user, editing: true, selected: "arr", cursor: { x: 0.5, y: 20, wide: true }, drag },
      2: { user: { id: "u1", name: "" }, cursor: { x: Number.NaN, y: -1 }, drag: { id: "a", rect: "wide" } },
      3: { editing: true },
      4: { user: { id: 7, name: "Mallory" } },
    }),
  );
  expect(peers).toMatchObject([
    { client: 1, name: "Ada", editing: true, selected: "arr", cursor: { x: 0.5, y: 20, wide: true }, drag },
    { client: 2, name: "Somebody", editing: false, selected: null, cursor: null, drag: null },
  ]);
  // the same person has the same colour in every window
  expect(peers[0]?.color).toBe(peers[1]?.color);
});

test("nobody sees themselves", () => {
  const awareness = awarenessOf({});
  awareness.setLocalState({ user: { id: "me", name: "Me" } });
  expect(readPeers(awareness)).toEqual([]);
});
