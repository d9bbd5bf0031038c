import * as Y from "yjs";
import type { Struct } from "./decoded-update.ts";
import type { EntryPath } from "./document-schema.ts";

/** Where an item of an update will stand; `gone`: under something that was deleted, so that nobody will see it. */
export type FoundStruct = { kind: "entry"; path: EntryPath } | { kind: "gone" } | { kind: "wrong" };
type ParentPath = readonly [root: string] | readonly [root: string, id: string];
type Place = { kind: "in"; parent: ParentPath; key: string } | { kind: "gone" } | { kind: "wrong" };

const gone = { kind: "gone" } as const;
const wrong = { kind: "wrong" } as const;

/**
 * Finds where items stand that no document holds yet. An item that overwrites another names neither its parent nor its key: it has
 * those of the one it overwrites (Item.getMissing of Yjs 13.6).
 */
export class PathFinder {
  readonly #doc: Y.Doc;
  readonly #fresh: ReadonlyMap<number, Struct[]>;
  readonly #places = new Map<Struct, Place | "looking">();

  constructor(doc: Y.Doc, fresh: ReadonlyMap<number, Struct[]>) {
    this.#doc = doc;
    this.#fresh = fresh;
  }

  /** What must be there before this item can be. */
  needs(item: Y.Item): Y.ID[] {
    const parent: unknown = item.parent;
    return [item.origin, item.rightOrigin, parent instanceof Y.ID ? parent : null].filter(
      (id) => id !== null,
    );
  }

  find(item: Y.Item): FoundStruct {
    const place = this.#placeOf(item);
    if (place.kind !== "in") return place;
    const [root, id] = place.parent;
    return { kind: "entry", path: id === undefined ? [root, place.key] : [root, id, place.key] };
  }

  #structAt(id: Y.ID): Struct | null {
    if (id.clock < Y.getState(this.#doc.store, id.client)) return Y.getItem(this.#doc.store, id) as Struct;
    const structs = this.#fresh.get(id.client) ?? [];
    let low = 0;
    let high = structs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const struct = structs[middle];
      if (!struct) return null;
      if (id.clock < struct.id.clock) high = middle - 1;
      else if (id.clock >= struct.id.clock + struct.length) low = middle + 1;
      else return struct;
    }
    return null;
  }

  #placeOf(struct: Struct): Place {
    if (!(struct instanceof Y.Item)) return gone;
    const known = this.#places.get(struct);
    // two that overwrite each other
    if (known === "looking") return wrong;
    if (known) return known;
    this.#places.set(struct, "looking");
    const place = this.#findPlace(struct);
    this.#places.set(struct, place);
    return place;
  }

  #findPlace(item: Y.Item): Place {
    const parent: unknown = item.parent;
    // stands in the document already
    if (parent instanceof Y.AbstractType) return inside(this.#pathOfType(parent), item.parentSub);
    const left = item.origin ? this.#structAt(item.origin) : null;
    const right = item.rightOrigin ? this.#structAt(item.rightOrigin) : null;
    if (left instanceof Y.GC || right instanceof Y.GC) return gone;
    if (left) return this.#placeOf(left);
    if (right) return this.#placeOf(right);
    if (typeof parent === "string") return inside([parent], item.parentSub);
    if (!(parent instanceof Y.ID)) return wrong;
    const holder = this.#structAt(parent);
    if (!holder) return wrong;
    if (!(holder instanceof Y.Item) || holder.content instanceof Y.ContentDeleted) return gone;
    if (!(holder.content instanceof Y.ContentType)) return wrong;
    const place = this.#placeOf(holder);
    return place.kind === "in" ? inside(below(place), item.parentSub) : place;
  }

  #pathOfType(type: Y.AbstractType<unknown>): ParentPath | null {
    if (type._item === null) {
      for (const [name, root] of this.#doc.share) if ((root as unknown) === type) return [name];
      return null;
    }
    const place = this.#placeOf(type._item);
    return place.kind === "in" ? below(place) : null;
  }
}

/** Lists have no keys: there are none in our documents. */
const inside = (parent: ParentPath | null, key: string | null): Place =>
  parent === null || key === null ? wrong : { kind: "in", parent, key };

const below = ({ parent: [root, id], key }: { parent: ParentPath; key: string }): ParentPath | null =>
  id === undefined ? [root, key] : null;
