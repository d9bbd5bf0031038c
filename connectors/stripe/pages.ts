import { ConnectorError, type Fetched, type Page, type Range } from "../connector.ts";
import { idOf, listOf, notPromised, rawObject } from "./bodies.ts";
import { type Answer, type Client, Missing } from "./client.ts";
import { askExpanded } from "./expanded.ts";
import { type Body, type NestedList, type StripeStream, streamOf } from "./streams.ts";

const perPage = "100";
const nestedAtOnce = 4;

/** Where a stream is: in which of its passes, and after which object. */
interface Place {
  pass: number;
  after: string | null;
  /** Of that object, seconds: where to go on when it is gone. */
  created: number | null;
}

/**
 * One page, newest first, of what was made before `range.before`: nothing enters a range that was read. An object that the page was
 * to begin after may be deleted meanwhile; then it begins at that object's second, and what is given twice is the same twice.
 */
export async function readPage(
  client: Client,
  name: string,
  cursor: string | null,
  range: Range,
  signal: AbortSignal,
): Promise<Page> {
  const stream = streamOf(name);
  const place = cursor === null ? { pass: 0, after: null, created: null } : (JSON.parse(cursor) as Place);
  const answer = await askPage(client, stream, place, range, signal);
  const { data, hasMore } = listOf(answer.body, stream.label);
  if (stream.nested) await completeAll(client, stream, stream.nested, data, signal);
  return {
    objects: data.map((body) => rawObject(stream, body)),
    next: nextPlace(stream, place, data, hasMore),
    at: answer.at,
    apiVersion: answer.apiVersion,
  };
}

async function askPage(
  client: Client,
  stream: StripeStream,
  place: Place,
  range: Range,
  signal: AbortSignal,
): Promise<Answer> {
  const query = (bounds: Record<string, string>) =>
    new URLSearchParams([
      ["limit", perPage],
      ...Object.entries(stream.passes[place.pass] ?? {}),
      ...(range.from === null ? [] : [["created[gte]", String(range.from)] as [string, string]]),
      ...Object.entries(bounds),
    ]);
  const before: Record<string, string> = range.before === null ? {} : { "created[lt]": String(range.before) };
  const ask = (bounds: Record<string, string>) => askList(client, stream, query(bounds), signal);
  if (place.after === null) return ask(before);
  try {
    return await ask({ ...before, starting_after: place.after });
  } catch (error) {
    if (!(error instanceof Missing) || place.created === null) throw error;
    return ask({ "created[lte]": String(place.created) });
  }
}

/**
 * A list with what is to be put in, where nothing is missing but the object that a page begins after.
 * @throws Missing; ConnectorError `forbidden` where it cannot be had, however often one asks
 */
export async function askList(
  client: Client,
  stream: StripeStream,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return await askExpanded(client, stream, "data.", (expand) =>
      client.ask(stream.path, new URLSearchParams([...query, ...expand]), named(stream), signal),
    );
  } catch (error) {
    if (error instanceof Missing && !query.has("starting_after"))
      throw new ConnectorError("forbidden", `Stripe does not offer ${named(stream)} here.`);
    // a part of Stripe that this account does not use: the rest goes on without
    if (error instanceof ConnectorError && error.fault === "unexpected" && !stream.required)
      throw new ConnectorError("forbidden", error.message);
    throw error;
  }
}

function nextPlace(
  stream: StripeStream,
  place: Place,
  data: readonly Body[],
  hasMore: boolean,
): string | null {
  const last = data.at(-1);
  if (hasMore && last) {
    const after = idOf(last);
    // a list that does not move on would be read for ever
    if (after === null || after === place.after) throw notPromised(stream.label);
    const created = typeof last.created === "number" ? last.created : null;
    return JSON.stringify({ pass: place.pass, after, created } satisfies Place);
  }
  if (place.pass + 1 >= stream.passes.length) return null;
  return JSON.stringify({ pass: place.pass + 1, after: null, created: null } satisfies Place);
}

/** An object as it is now. */
export async function fetchObject(
  client: Client,
  name: string,
  id: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const stream = streamOf(name);
  const path = `${stream.path}/${encodeURIComponent(id)}`;
  try {
    const answer = await askExpanded(client, stream, "", (expand) =>
      client.ask(path, new URLSearchParams(expand), named(stream), signal),
    );
    const { body, at, apiVersion } = answer;
    if (stream.nested) await completeAll(client, stream, stream.nested, [body], signal);
    return { objects: [rawObject(stream, body)], replaces: [], at, apiVersion };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    const gone = rawObject(stream, { id, deleted: true });
    return { objects: [gone], replaces: [], at: error.at, apiVersion: error.apiVersion };
  }
}

/** Puts the whole of an embedded list where Stripe put its first ten. */
async function completeAll(
  client: Client,
  stream: StripeStream,
  nested: NestedList,
  bodies: readonly Body[],
  signal: AbortSignal,
): Promise<void> {
  const waiting = bodies
    .filter((body) => (body[nested.field] as Body | undefined)?.has_more === true)
    .values();
  const work = async () => {
    for (const body of waiting) {
      const list = body[nested.field] as Body;
      const data = await readNested(client, stream, nested, String(body.id), signal);
      // the object went away meanwhile: what is to be known of it is known
      if (data) body[nested.field] = { ...list, data, has_more: false, total_count: data.length };
    }
  };
  await Promise.all(Array.from({ length: nestedAtOnce }, work));
}

/** All of it from its beginning: what changed between two requests would be missed by going on after the tenth. */
async function readNested(
  client: Client,
  stream: StripeStream,
  nested: NestedList,
  id: string,
  signal: AbortSignal,
): Promise<Body[] | null> {
  for (let again = 0; ; again++) {
    const all = new Map<string, Body>();
    try {
      for (let after: string | null = null; ; ) {
        const query = new URLSearchParams([
          ["limit", perPage],
          ...nested.expand.map((path) => ["expand[]", `data.${path}`] as [string, string]),
          ...(after === null ? [] : [["starting_after", after] as [string, string]]),
        ]);
        const { body } = await client.ask(nested.path(id), query, named(stream), signal);
        const { data, hasMore } = listOf(body, stream.label);
        for (const part of data) all.set(idOf(part) ?? `${all.size}`, part);
        const last = idOf(data.at(-1));
        if (!hasMore || last === null) return [...all.values()];
        if (last === after) throw notPromised(stream.label);
        after = last;
      }
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      // a part went away while the list was read, or all of it did
      if (error.param !== "starting_after" || again === 3) return null;
    }
  }
}

const named = (stream: StripeStream): string => stream.label.toLowerCase();
