/** What a sync knows of time, in seconds. */

export const daySeconds = 86_400;

/** A vendor tells for about thirty days what happened. */
export const toldForSeconds = 30 * daySeconds;

/** Before that is over a source that was not asked for so long is read anew. */
const gapSeconds = 25 * daySeconds;

/** What happened shortly before a listing began is looked at again: it may have been on its way. */
export const overlapSeconds = 5 * 60;

/**
 * What was made before it is listed: all of the second that runs, whose rest is told as changes.
 * @param at the vendor's clock, milliseconds
 * @param last of the listing before, or null: each has a second of its own, so that what is read in it is told from what was
 */
export const frozenBy = (at: number, last: number | null): number =>
  Math.max(Math.floor(at / 1_000) + 1, (last ?? 0) + 1);

/** @param at seconds since 1970 */
export const isTooLongAgo = (at: number): boolean => Date.now() / 1_000 - at > gapSeconds;

const soonestMs = 60_000;
const latestMs = 5 * 60_000;

/**
 * When to ask next what webhooks did not tell: each minute while things happen, up to five while it is quiet.
 * @param lastEventAt of the newest event that was heard of
 */
export function nextPoll(lastEventAt: Date | null, now: number): Date {
  const quietMs = lastEventAt ? Math.max(0, now - lastEventAt.getTime()) : Number.POSITIVE_INFINITY;
  return new Date(now + Math.min(Math.max(quietMs / 10, soonestMs), latestMs));
}
