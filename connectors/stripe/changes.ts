import type { ChangePage, Range } from "../connector.ts";
import { idOf, listOf } from "./bodies.ts";
import { type Client, Missing } from "./client.ts";
import { changeOf } from "./event-objects.ts";
import { askList } from "./pages.ts";
import { type Body, streamOf } from "./streams.ts";

/** How far what happened has been heard. Seconds by Stripe's clock. */
interface Heard {
  from: number;
  /** Ids of events since `from` that have been given. */
  given: string[];
  /** When it was last asked. */
  asked: number;
  /** So many seconds are asked for at once, until nothing is missing but the last minutes; without it all there is. */
  width?: number;
}

const perPage = 100;
/** More than this is not held at once: it is taken in smaller pieces of time. */
const mostPages = 20;
/** Less than this at once, and more time is taken the next time. */
const few = (mostPages * perPage) / 3;
/** An event may be seen a little later than it happened: the last minute is looked at again. */
const overlap = 60;
const mostGiven = 500;
/** Stripe keeps events for thirty days. */
const keptSeconds = 25 * 86_400;

/** What happened since, oldest first. */
export async function readChanges(
  client: Client,
  cursor: string | null,
  range: Range,
  signal: AbortSignal,
): Promise<ChangePage> {
  const heard: Heard =
    cursor === null ? { from: range.from ?? 0, given: [], asked: 0 } : (JSON.parse(cursor) as Heard);
  let width = heard.width ?? null;
  // what is long over stands still: nothing comes in between late
  const isOver =
    width !== null && heard.from + width < Math.min(heard.asked - overlap, range.before ?? heard.asked);
  let until = isOver && width !== null ? heard.from + width : range.before;
  let part = await readEvents(client, { from: heard.from, before: until }, mostPages, signal);
  const now = Math.floor(part.at / 1_000);
  while (!part.isAll) {
    const took = createdOf(part.events[0]) - createdOf(part.events.at(-1));
    const asked = until === null ? Number.POSITIVE_INFINITY : until - heard.from;
    width = Math.max(1, Math.floor(Math.min(took, asked) / 2));
    until = heard.from + width;
    const most = width <= 1 ? Number.POSITIVE_INFINITY : mostPages;
    part = await readEvents(client, { from: heard.from, before: until }, most, signal);
  }
  const given = new Set(heard.given);
  const fresh = part.events.filter((event) => !given.has(String(event.id))).reverse();
  const isPart = until !== range.before;
  const next = isPart && until !== null ? { from: until, given: [] } : nextFrom(heard, part.events);
  // quiet hours are passed in long strides
  if (isPart && width !== null && part.events.length < few) width *= 2;
  return {
    changes: fresh.flatMap((event) => changeOf(event) ?? []),
    next: JSON.stringify({
      ...next,
      asked: now,
      ...(isPart && width !== null ? { width } : {}),
    } satisfies Heard),
    more: isPart,
    gap: heard.asked > 0 && now - heard.asked > keptSeconds,
  };
}

/** Newest first. `isAll` false: there are more than may be held. */
async function readEvents(
  client: Client,
  range: { from: number; before: number | null },
  most: number,
  signal: AbortSignal,
): Promise<{ events: Body[]; isAll: boolean; at: number }> {
  const events = new Map<string, Body>();
  let after: string | null = null;
  let at: number | null = null;
  for (let page = 1; ; page++) {
    const query = new URLSearchParams([
      ["limit", String(perPage)],
      ["created[gte]", String(range.from)],
    ]);
    if (range.before !== null) query.append("created[lt]", String(range.before));
    if (after !== null) query.append("starting_after", after);
    const answer = await askList(client, streamOf("events"), query, signal).catch(orForgotten);
    // the last one was forgotten meanwhile, and all that are older with it
    if (answer instanceof Missing) return { events: [...events.values()], isAll: true, at: at ?? answer.at };
    at ??= answer.at;
    const { data, hasMore } = listOf(answer.body, "Events");
    for (const event of data) events.set(String(event.id), event);
    const last = idOf(data.at(-1));
    if (!hasMore || last === null || last === after) return { events: [...events.values()], isAll: true, at };
    if (page >= most) return { events: [...events.values()], isAll: false, at };
    after = last;
  }
}

/** From the newest event on, not from a clock: where none came, nothing is passed over. */
function nextFrom(heard: Heard, events: readonly Body[]): Pick<Heard, "from" | "given"> {
  const [newest] = events;
  if (!newest) return heard;
  const limit = events[mostGiven];
  const from = Math.max(heard.from, createdOf(newest) - overlap, limit ? createdOf(limit) + 1 : 0);
  // so many in one second: that second is given again
  const since = Math.min(from, createdOf(newest));
  return {
    from: since,
    given: events
      .filter((event) => createdOf(event) >= since)
      .slice(0, 4 * mostGiven)
      .map(({ id }) => String(id)),
  };
}

function orForgotten(error: unknown): Missing {
  if (error instanceof Missing) return error;
  throw error;
}

const createdOf = (event: Body | undefined): number =>
  typeof event?.created === "number" ? event.created : 0;
