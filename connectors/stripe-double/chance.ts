/** Chance that is the same in every run. */
export interface Chance {
  /** At least 0, below 1. */
  next: () => number;
  happens: (probability: number) => boolean;
  /** A whole number, both ends included. */
  between: (low: number, high: number) => number;
  pick: <Item>(items: readonly Item[]) => Item;
}

/** xorshift32, after a stir: neighbouring seeds must not give neighbouring stories. */
export function createChance(seed: number): Chance {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  for (let stir = 0; stir < 8; stir++) next();
  return {
    next,
    happens: (probability) => next() < probability,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (items) => items[Math.floor(next() * items.length)]!,
  };
}
