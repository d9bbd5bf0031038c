import type { ConnectorError } from "#connectors/connector.ts";
import { listUnseen, packObject, putObjects } from "#db/queries/source-objects.ts";
import {
  advanceStream,
  forbidStream,
  type ListedStream,
  listUnfinished,
} from "#db/queries/source-streams.ts";
import { fetchObjects, putFetched } from "./fetch-objects.ts";
import { type PackedPage, readAhead } from "./read-ahead.ts";
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

async function listStream(
  sync: Sync,
  { name, cursor }: ListedStream,
  frozenAt: number,
  between?: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([sync.job.signal, stop.signal]);
  const ask = async (from: string | null): Promise<PackedPage> => {
    const page = await sync.connection.page(name, from, { from: null, before: frozenAt }, signal);
    return { ...page, objects: page.objects.map(packObject) };
  };
  try {
    if (between) {
      for (let from: string | null = cursor, first = true; first || from !== null; first = false) {
        const page: PackedPage = await ask(from);
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

/** Pages and how far the stream is now commit together: killed at any moment, it goes on with the page that is missing. */
async function keepPages(
  sync: Sync,
  name: string,
  pages: readonly PackedPage[],
  frozenAt: number,
): Promise<void> {
  const { source } = sync;
  const last = pages.at(-1);
  if (!last) return;
  const objects = pages.flatMap((page) => page.objects);
  const replaces = pages.flatMap((page) => page.replaces ?? []);
  await sync.commit(
    async (tx) => {
      await putObjects(tx, source.id, {
        ...{ objects, replaces, apiVersion: last.apiVersion, history: sync.history },
        // servers' clocks differ a little: what is met in this listing was not read before it
        at: Math.max(last.at, frozenAt * 1_000),
      });
      const count = objects.filter(({ stream }) => stream === name).length;
      await advanceStream(tx, source.id, { name, next: last.next, count });
      await sync.tell(tx);
    },
    { repeatable: true },
  );
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
