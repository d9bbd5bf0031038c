/**
 * Answers after `milliseconds` at the earliest, however short the work was: the time of the answer does not tell
 * whether an address is known.
 */
export async function evenly<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const [outcome] = await Promise.allSettled([work(), new Promise((done) => setTimeout(done, milliseconds))]);
  if (outcome.status === "rejected") throw outcome.reason;
  return outcome.value;
}

/** As `evenly` for refusals only: whoever is right need not wait. */
export async function refuseEvenly<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } catch (error) {
    await new Promise((done) => setTimeout(done, milliseconds - (performance.now() - began)));
    throw error;
  }
}
