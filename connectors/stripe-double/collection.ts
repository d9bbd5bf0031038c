/** An object as Stripe has it; what is embedded in answers is put in when it is rendered. */
export type StripeObject = { id: string; object: string; created: number; [field: string]: unknown };

export interface Slice {
  limit: number;
  startingAfter: string | null;
  endingBefore: string | null;
  created: { gt?: number; gte?: number; lt?: number; lte?: number };
  keep: (object: StripeObject) => boolean;
}

/** Objects of one kind, listed as Stripe lists them: newest first; of one second, what was made last comes first. */
export class Collection {
  readonly #objects = new Map<string, StripeObject>();
  readonly #gone = new Map<string, StripeObject>();
  readonly #unlisted = new Set<string>();
  readonly #order = new Map<string, number>();
  /** Oldest first. */
  #sorted: StripeObject[] = [];
  #place = new Map<string, number>();
  #stale = false;
  #last: StripeObject | null = null;

  get size(): number {
    return this.#objects.size;
  }

  get(id: string): StripeObject | null {
    return this.#objects.get(id) ?? null;
  }

  /** What was deleted, as it was last. */
  deleted(id: string): StripeObject | null {
    return this.#gone.get(id) ?? null;
  }

  all(): StripeObject[] {
    this.#sort();
    return [...this.#sorted];
  }

  /** What was put in last. */
  last(): StripeObject | null {
    return this.#last;
  }

  /** @param listed false: can be had by its id only, as prices that were made inline */
  put(object: StripeObject, { listed = true }: { listed?: boolean } = {}): void {
    const before = this.#objects.get(object.id);
    this.#objects.set(object.id, object);
    this.#last = object;
    if (!listed) this.#unlisted.add(object.id);
    if (!before) this.#order.set(object.id, this.#order.size);
    const place = this.#place.get(object.id);
    if (before?.created === object.created && place !== undefined) this.#sorted[place] = object;
    else if (!before && !this.#stale && (this.#sorted.at(-1)?.created ?? 0) <= object.created) {
      this.#place.set(object.id, this.#sorted.length);
      this.#sorted.push(object);
    } else this.#stale = true;
  }

  delete(id: string): StripeObject | null {
    const object = this.get(id);
    if (!object) return null;
    this.#objects.delete(id);
    this.#gone.set(id, object);
    this.#stale = true;
    return object;
  }

  /** Null: the object that the page is to begin at does not exist (any more). */
  page(slice: Slice): { data: StripeObject[]; hasMore: boolean } | null {
    this.#sort();
    const anchor = slice.startingAfter ?? slice.endingBefore;
    const place = anchor === null ? null : this.#place.get(anchor);
    if (place === undefined) return null;
    const backwards = slice.endingBefore !== null;
    const step = backwards ? 1 : -1;
    const first = place === null ? (backwards ? 0 : this.#newest(slice)) : place + step;
    const data: StripeObject[] = [];
    for (let at = first; at >= 0 && at < this.#sorted.length; at += step) {
      const object = this.#sorted[at]!;
      if (!backwards && object.created < lowest(slice)) break;
      if (!isWithin(object.created, slice) || this.#unlisted.has(object.id) || !slice.keep(object)) continue;
      if (data.length === slice.limit) return { data: backwards ? data.reverse() : data, hasMore: true };
      data.push(object);
    }
    return { data: backwards ? data.reverse() : data, hasMore: false };
  }

  /** The place of the newest object that `created` allows. */
  #newest({ created: { lt, lte } }: Slice): number {
    const limit = Math.min(
      lt ?? Number.POSITIVE_INFINITY,
      lte === undefined ? Number.POSITIVE_INFINITY : lte + 1,
    );
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]!.created < limit) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #sort(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#sorted = [...this.#objects.values()].sort(
      (a, b) => a.created - b.created || this.#order.get(a.id)! - this.#order.get(b.id)!,
    );
    this.#place = new Map(this.#sorted.map((object, at) => [object.id, at]));
  }
}

const lowest = ({ created: { gt, gte } }: Slice): number => Math.max(gte ?? 0, gt === undefined ? 0 : gt + 1);

function isWithin(created: number, { created: { gt, gte, lt, lte } }: Slice): boolean {
  return (
    (gt === undefined || created > gt) &&
    (gte === undefined || created >= gte) &&
    (lt === undefined || created < lt) &&
    (lte === undefined || created <= lte)
  );
}
