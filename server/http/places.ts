/** Counts who holds how many connections. */
export function createPlaces() {
  const taken = new Map<string, number>();
  return {
    /** One place under each key, or none: null when one of them is full. @returns gives them back */
    take(keys: readonly (readonly [key: string, most: number])[]): (() => void) | null {
      if (keys.some(([key, most]) => (taken.get(key) ?? 0) >= most)) return null;
      for (const [key] of keys) taken.set(key, (taken.get(key) ?? 0) + 1);
      return () => {
        for (const [key] of keys) {
          const left = (taken.get(key) ?? 1) - 1;
          if (left > 0) taken.set(key, left);
          else taken.delete(key);
        }
      };
    },
  };
}
