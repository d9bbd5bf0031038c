import type { Page } from "#connectors/connector.ts";
import type { PackedObject } from "#db/queries/source-objects.ts";

/** A page as it waits to be written: what was parsed of it is let go. */
export type PackedPage = Omit<Page, "objects"> & { objects: PackedObject[] };

/**
 * Characters that wait to be written; beyond that the vendor waits. Large enough for a commit to cost little of each page, and little
 * memory, however large a page is.
 */
const most = 2_000_000;

const sizeOf = ({ objects }: PackedPage): number => objects.reduce((sum, { text }) => sum + text.length, 0);

/** Pages from a cursor on, in groups of those that have come: the next ones are on their way while these are written. */
export async function* readAhead(
  ask: (from: string | null) => Promise<PackedPage>,
  cursor: string | null,
): AsyncGenerator<PackedPage[]> {
  let came: PackedPage[] = [];
  let size = 0;
  let failure: { error: unknown } | null = null;
  let isAtEnd = false;
  let isLeft = false;
  let wake = () => {};
  const changed = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  let room = () => {};
  const read = async () => {
    for (let from = cursor, first = true; !isLeft && (first || from !== null); first = false) {
      const page = await ask(from);
      came.push(page);
      size += sizeOf(page);
      wake();
      from = page.next;
      if (size >= most)
        await new Promise<void>((resolve) => {
          room = resolve;
        });
    }
  };
  const reading = read()
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      isAtEnd = true;
      wake();
    });
  try {
    for (;;) {
      if (came.length === 0 && !isAtEnd) await changed();
      if (came.length === 0) break;
      const group = came;
      came = [];
      size = 0;
      room();
      yield group;
    }
    if (failure) throw (failure as { error: unknown }).error;
  } finally {
    isLeft = true;
    room();
    // what is on its way is given up by the caller's signal
    void reading;
  }
}
