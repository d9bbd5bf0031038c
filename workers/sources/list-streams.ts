import type { ConnectorError, Page } from "#connectors/connector.ts";
import { listUnseen, putObjects } from "#db/queries/source-objects.ts";
import {
  advanceStream,
  forbidStream,
  type ListedStream,
  listUnfinished,
} from "#db/queries/source-streams.ts";
import { clearFault } from "#db/queries/source-sync.ts";
import { fetchObjects, putFetched } from "./fetch-objects.ts";
import { isForbidden, type Sync } from "./sync.ts";

/** So many objects that were not met again are asked for one by one before they are written down. */
const unseenAtOnce = 100;

/**
 * Lists the named streams that are not at their end, from where each stopped: everything made before `frozenAt`. What was known and is
 * not met again is looked at by itself.
 * @param between is called after each page, with nothing on its way; without it the next page is asked for while one is written
 */
export async function listStreams(
  sync: Sync,
  { names, frozenAt, between }: { names: readonly string[]; frozenAt: number; between?: () => Promise<void> },
): Promise<void> {
  const streams = await sync.look((tx) => listUnfinished(tx, sync.source.id, names));
  for (const stream of streams) {
    try {
      await listStream(sync, stream, frozenAt, between);
      if (stream.again) await lookForUnseen(sync, stream.name, frozenAt * 1_000);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      await goOnWithout(sync, stream.name, error);
    }
  }
}

/** Pages that wait to be written: with a quick vendor several are written at once. */
const pagesAhead = 4;

async function listStream(
  sync: Sync,
  { name, cursor }: ListedStream,
  frozenAt: number,
  between?: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([sync.job.signal, stop.signal]);
  const ask = (from: string | null) =>
    sync.connection.page(name, from, { from: null, before: frozenAt }, signal);
  try {
    if (between) {
      for (let from: string | null = cursor, first = true; first || from !== null; first = false) {
        const page: Page = await ask(from);
        await keepPages(sync, name, [page], frozenAt);
        await between();
        from = page.next;
      }
      return;
    }
    for await (const pages of readAhead(ask, cursor)) await keepPages(sync, name, pages, frozenAt);
  } finally {
    stop.abort();
  }
}

/** Pages from a cursor on, in groups of those that have come: the next ones are on their way while these are written. */
async function* readAhead(
  ask: (from: string | null) => Promise<Page>,
  cursor: string | null,
): AsyncGenerator<Page[]> {
  let came: Page[] = [];
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
      wake();
      from = page.next;
      if (came.length >= pagesAhead)
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

/** Pages and how far the stream is now commit together: killed at any moment, it goes on with the page that is missing. */
async function keepPages(sync: Sync, name: string, pages: readonly Page[], frozenAt: number): Promise<void> {
  const { source } = sync;
  const last = pages.at(-1);
  if (!last) return;
  const objects = pages.flatMap((page) => page.objects);
  const replaces = pages.flatMap((page) => page.replaces ?? []);
  await sync.commit(async (tx) => {
    await putObjects(tx, source.id, {
      ...{ objects, replaces, apiVersion: last.apiVersion, history: sync.history },
      // servers' clocks differ a little: what is met in this listing was not read before it
      at: Math.max(last.at, frozenAt * 1_000),
    });
    const count = objects.filter(({ stream }) => stream === name).length;
    await advanceStream(tx, source.id, { name, next: last.next, count });
    await clearFault(tx, source.id);
    await sync.tell(tx);
  });
}

/** Lists do not tell what was deleted, and leave some things out that are there. */
async function lookForUnseen(sync: Sync, stream: string, before: number): Promise<void> {
  const asked = new Set<string>();
  for (;;) {
    const unseen = await sync.look((tx) =>
      listUnseen(tx, sync.source.id, { stream, before, limit: unseenAtOnce }),
    );
    const names = unseen.filter((id) => !asked.has(id)).map((id) => ({ stream, id }));
    if (names.length === 0) return;
    for (const { id } of names) asked.add(id);
    const fetched = await fetchObjects(sync, names);
    await sync.commit(async (tx) => {
      await putFetched(sync, tx, fetched, before);
      await sync.tell(tx);
    });
    if (fetched.forbidden.size > 0) return;
  }
}

/** @throws the error where there are no numbers without this stream */
async function goOnWithout(sync: Sync, name: string, error: ConnectorError): Promise<void> {
  await sync.commit(async (tx) => {
    await forbidStream(tx, sync.source.id, name, error.message);
    await sync.tell(tx);
  });
  if (sync.connector.streams.find((stream) => stream.name === name)?.required) throw error;
}
