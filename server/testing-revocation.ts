/** The longest that a connection may outlive the right to it. */
const mostMs = 2_000;

/** @returns what `over` resolves with @throws Error when that is later than two seconds after `act`, by which somebody loses a right */
export async function endsInTime<T>(act: () => Promise<unknown>, over: Promise<T>): Promise<T> {
  await act();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`it goes on after ${mostMs} ms`)), mostMs);
  });
  return Promise.race([over, late]).finally(() => clearTimeout(timer));
}
