const mostMs = 30_000;

/**
 * Milliseconds before a try to connect again: further and further apart, at random within the half second, second, … that is
 * its turn, so that pages that lost the server at the same moment spread out.
 */
export const retryDelay = (attempt: number): number =>
  Math.random() * Math.min(mostMs, 500 * 2 ** Math.min(attempt, 10));
