/**
 * Answers after `milliseconds` at the earliest, however short the work was: the time of the answer does not tell
 * whether an address is known.
 */
export async function evenly<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const [outcome] = await Promise.allSettled([work(), new Promise((done) => setTimeout(done, milliseconds))]);
  if (outcome.status === "rejected") throw outcome.reason;
  return outcome.value;
}
