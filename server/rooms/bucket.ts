/** So many at once, and so many per second after that. */
export interface Bucket {
  /** @returns false when it is empty */
  take(): boolean;
  /** Gives one back. */
  refund(): void;
}

export function createBucket(options: { perSecond: number; burst: number; now?: () => number }): Bucket {
  const { perSecond, burst, now = () => performance.now() } = options;
  let left = burst;
  let filledAt = now();
  return {
    take() {
      const at = now();
      left = Math.min(burst, left + ((at - filledAt) / 1_000) * perSecond);
      filledAt = at;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    refund() {
      left = Math.min(burst, left + 1);
    },
  };
}
