import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { dashboardSchema } from "./dashboard-schema.ts";
import { hasPending } from "./state.ts";
import { gcUpdate, updatesOf } from "./testing-updates.ts";
import { checkUpdate, type UpdateRules } from "./update-check.ts";

const rules = (mine: Y.Doc | null, foreign: UpdateRules["foreign"] = "refuse"): UpdateRules => ({
  schema: dashboardSchema,
  mayWriteAs: (client) => mine === null || client === mine.clientID,
  foreign,
});
const state = (doc: Y.Doc) => Y.encodeStateAsUpdate(doc);
const copy = (doc: Y.Doc): Y.Doc => {
  const made = new Y.Doc();
  Y.applyUpdate(made, state(doc));
  return made;
};
const widget = (entries: Record<string, unknown> = {}) =>
  new Y.Map(Object.entries({ type: "kpi", ...entries }));

describe("an update", () => {
  test("is new the first time and known from then on, as is an empty one", () => {
    const server = new Y.Doc();
    const client = new Y.Doc();
    client.getMap("widgets").set("w1", widget());
    expect(checkUpdate(server, state(client), rules(client))).toMatchObject({
      kind: "new",
      clients: [client.clientID],
    });
    Y.applyUpdate(server, state(client));
    expect(checkUpdate(server, state(client), rules(client)).kind).toBe("known");
    expect(checkUpdate(server, state(client), rules(new Y.Doc())).kind).toBe("known");
    expect(checkUpdate(server, state(new Y.Doc()), rules(client)).kind).toBe("known");
  });

  test("that only deletes is new once", () => {
    const client = new Y.Doc();
    client.getMap("widgets").set("w1", widget());
    const server = copy(client);
    const [update] = updatesOf(client, () => client.getMap("widgets").delete("w1"));
    expect(checkUpdate(server, update!, rules(client))).toMatchObject({ kind: "new", clients: [] });
    Y.applyUpdate(server, update!);
    expect(checkUpdate(server, update!, rules(client)).kind).toBe("known");
  });

  test("out of order is a gap: of structs, of what they build on, of deletions", () => {
    const server = new Y.Doc();
    const client = new Y.Doc();
    const widgets = client.getMap<Y.Map<unknown>>("widgets");
    const [add, title, removed] = updatesOf(client, () => {
      widgets.set("w1", widget());
      widgets.get("w1")?.set("title", "a");
      widgets.delete("w1");
    });
    expect(checkUpdate(server, title!, rules(client)).kind).toBe("gap");
    expect(checkUpdate(server, removed!, rules(client)).kind).toBe("gap");
    const other = copy(client);
    widgets.set("w2", widget());
    const peer = copy(client);
    const [builtOn] = updatesOf(peer, () =>
      peer.getMap<Y.Map<unknown>>("widgets").get("w2")?.set("title", "b"),
    );
    expect(checkUpdate(other, builtOn!, rules(peer)).kind).toBe("gap");
    expect(checkUpdate(server, add!, rules(client)).kind).toBe("new");
  });

  test("under another's client id is refused, or left out of a whole copy", () => {
    const server = new Y.Doc();
    const mine = new Y.Doc();
    const other = new Y.Doc();
    other.getMap("widgets").set("theirs", widget());
    mine.getMap("widgets").set("mine", widget());
    Y.applyUpdate(mine, state(other));
    expect(checkUpdate(server, state(mine), rules(mine))).toEqual({
      kind: "foreign",
      client: other.clientID,
    });
    const verdict = checkUpdate(server, state(mine), rules(mine, "leave out"));
    expect(verdict).toMatchObject({ kind: "new", clients: [mine.clientID] });
    if (verdict.kind === "new") Y.applyUpdate(server, verdict.update);
    expect(Object.keys(server.getMap("widgets").toJSON())).toEqual(["mine"]);
    expect(hasPending(server)).toBe(false);
  });

  test("that moves a clock by a lie is refused: 15 bytes of a length", () => {
    const victim = new Y.Doc();
    victim.getMap("widgets").set("w1", widget());
    const server = copy(victim);
    const poison = gcUpdate(victim.clientID, Y.getState(victim.store, victim.clientID), 1e9);
    expect(checkUpdate(server, poison, rules(new Y.Doc())).kind).toBe("foreign");
    expect(checkUpdate(server, poison, rules(new Y.Doc(), "leave out")).kind).toBe("known");
    expect(checkUpdate(server, poison, rules(victim)).kind).toBe("invalid");
    // nor is its own structs' length a way to count as a gap
    expect(checkUpdate(server, gcUpdate(5, 0, 0), rules(null)).kind).toBe("invalid");
  });

  test.each<[string, Uint8Array]>([
    ["garbage", new Uint8Array([7, 7, 7, 7])],
    ["nothing at all", new Uint8Array()],
    ["half of one", state(copyWith((doc) => doc.getMap("widgets").set("w1", widget()))).slice(0, 20)],
    ["V2 bytes", Y.encodeStateAsUpdateV2(copyWith((doc) => doc.getMap("meta").set("title", "x")))],
    ["more than one", new Uint8Array([...state(new Y.Doc()), 0])],
    ["another root", state(copyWith((doc) => doc.getMap("secrets").set("a", 1)))],
    ["a list in place of a map", state(copyWith((doc) => doc.getArray("widgets").push([1])))],
    ["text", state(copyWith((doc) => doc.getText("meta").insert(0, "x")))],
    ["a document inside", state(copyWith((doc) => doc.getMap("meta").set("x", new Y.Doc())))],
    ["bytes inside", state(copyWith((doc) => doc.getMap("meta").set("x", new Uint8Array(3))))],
    ["a list inside", state(copyWith((doc) => doc.getMap("widgets").set("w1", new Y.Array())))],
    ["a widget that is no map", state(copyWith((doc) => doc.getMap("widgets").set("w1", 1)))],
    [
      "a map in a widget",
      state(copyWith((doc) => doc.getMap("widgets").set("w1", new Y.Map([["cfg.x", new Y.Map()]])))),
    ],
    [
      "a type that nobody registered",
      state(copyWith((doc) => doc.getMap("widgets").set("w1", widget({ type: "__proto__" })))),
    ],
    [
      "more edits than one update may hold",
      state(
        copyWith((doc) => {
          const one = new Y.Map();
          doc.getMap("widgets").set("w1", one);
          for (let i = 0; i < 6_000; i++) one.set(`k${i}`, i);
        }),
      ),
    ],
  ])("may not be %s", (_name, bytes) => {
    const doc = new Y.Doc();
    doc.getMap("meta").set("title", "untouched");
    const before = state(doc);
    expect(checkUpdate(doc, bytes, rules(null)).kind).toBe("invalid");
    expect(state(doc)).toEqual(before);
  });

  test("that overwrites is held to the key that it overwrites", () => {
    const client = new Y.Doc();
    client.getMap("widgets").set("w1", widget({ title: "ok" }));
    const server = copy(client);
    const title = (value: unknown): Uint8Array => {
      const peer = copy(client);
      const one = peer.getMap<Y.Map<unknown>>("widgets").get("w1");
      return updatesOf(peer, () => one?.set("title", value))[0]!;
    };
    expect(checkUpdate(server, title("fine"), rules(null)).kind).toBe("new");
    expect(checkUpdate(server, title("x".repeat(201)), rules(null)).kind).toBe("invalid");
    expect(checkUpdate(server, title(new Y.Map()), rules(null)).kind).toBe("invalid");
  });
});

test("what honest clients do in any order is never refused, and ends up the same everywhere", () => {
  const server = new Y.Doc();
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const clients = Array.from({ length: 3 }, () => {
    const doc = new Y.Doc();
    const outbox: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array, origin: unknown) => origin !== "server" && outbox.push(update));
    const widgets = doc.getMap<Y.Map<unknown>>("widgets");
    return { doc, outbox, widgets, undo: new Y.UndoManager(widgets) };
  });
  for (let step = 0; step < 600; step++) {
    const { doc, outbox, widgets, undo } = clients[random(3)]!;
    const id = `w${random(5)}`;
    const act = random(7);
    if (act === 0) widgets.set(id, widget({ "rect.lg": [0, random(9), 4, 3] }));
    else if (act === 1) widgets.delete(id);
    else if (act === 2) undo.undo();
    else if (act === 3) {
      Y.applyUpdate(doc, state(server), "server");
      continue;
    } else widgets.get(id)?.set(["title", "cfg.metric", "ord"][random(3)]!, `v${step}`);
    for (const update of outbox.splice(0)) {
      const verdict = checkUpdate(server, update, rules(null));
      expect(verdict.kind, JSON.stringify(verdict)).toMatch(/new|known/);
      Y.applyUpdate(server, update);
      expect(hasPending(server)).toBe(false);
    }
  }
  for (const { doc } of clients) {
    Y.applyUpdate(doc, state(server), "server");
    expect(doc.getMap("widgets").toJSON()).toEqual(server.getMap("widgets").toJSON());
  }
});

function copyWith(change: (doc: Y.Doc) => void): Y.Doc {
  const doc = new Y.Doc();
  change(doc);
  return doc;
}
