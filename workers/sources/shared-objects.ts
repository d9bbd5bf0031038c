import type { OrgTx } from "#db/database.ts";
import { type KeptObject, listShared, type ObjectName } from "#db/queries/source-known.ts";

/** Kept in memory while customers are derived; beyond that they are looked up again. */
const most = 20_000;

/** What one customer was made from. */
export interface Asked {
  find(stream: string, id: string): KeptObject | null;
  /** Every object that was asked for had been looked up: what was made of them holds. */
  isComplete(): boolean;
  names(): ObjectName[];
}

const keyOf = (stream: string, id: string) => `${stream} ${id}`;

/**
 * Objects that belong to nobody (prices, products, coupons), looked up when a customer turns out to need them: an account may have
 * very many, and a batch of customers needs few.
 */
export class SharedObjects {
  /** Null: there is none to be had. */
  readonly #known = new Map<string, KeptObject | null>();
  readonly #wanted = new Map<string, ObjectName>();
  readonly #missing = new Map<string, ObjectName>();

  /** @param streams that objects can be fetched from; of others there are none */
  constructor(private readonly streams: readonly string[]) {}

  /** Call it between batches. */
  trim(): void {
    if (this.#known.size > most) this.#known.clear();
  }

  watch(): Asked {
    const names = new Map<string, ObjectName>();
    let complete = true;
    return {
      find: (stream, id) => {
        const key = keyOf(stream, id);
        names.set(key, { stream, id });
        const found = this.#known.get(key);
        if (found !== undefined) return found;
        complete = false;
        this.#wanted.set(key, { stream, id });
        return null;
      },
      isComplete: () => complete,
      names: () => [...names.values()],
    };
  }

  /** Looks up what was asked for. @returns whether anything can be made now that could not before */
  async lookUp(tx: OrgTx, sourceId: string): Promise<boolean> {
    const names = [...this.#wanted].filter(([key]) => !this.#missing.has(key));
    this.#wanted.clear();
    if (names.length === 0) return false;
    for (const one of await listShared(
      tx,
      sourceId,
      names.map(([, name]) => name),
    ))
      this.#known.set(keyOf(one.stream, one.id), one);
    for (const [key, name] of names) {
      if (this.#known.has(key)) continue;
      if (this.streams.includes(name.stream)) this.#missing.set(key, name);
      else this.#known.set(key, null);
    }
    return true;
  }

  /** What is not kept and has to be fetched. */
  listMissing(): ObjectName[] {
    return [...this.#missing.values()];
  }

  /** It was fetched. @param isNowhere it cannot be had: nobody waits for it any more */
  settle({ stream, id }: ObjectName, isNowhere: boolean): void {
    this.#missing.delete(keyOf(stream, id));
    if (isNowhere) this.#known.set(keyOf(stream, id), null);
  }
}
