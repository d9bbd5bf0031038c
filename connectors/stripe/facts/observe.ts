import type { StoredObject } from "#connectors/connector.ts";
import type { Confidence } from "#contracts/source-facts.ts";
import { type Json, record, records, seconds, text } from "./json.ts";
import { type Reader, readSubscription, type SubscriptionState, worthOf } from "./subscription.ts";

/**
 * What a subscription was, from what was seen of it: events, which tell the state before and after them to the second, states
 * that we fetched ourselves, and the object as it is now. The same evidence in another order, or twice, says the same.
 */

/** `state` holds from `from` until the next one. */
export interface Observed {
  from: number;
  state: SubscriptionState;
  confidence: Confidence;
  evidence: string;
}

interface Happening {
  id: string;
  at: number;
  rank: number;
  before: SubscriptionState | null;
  after: SubscriptionState;
}

/** An event's `previous_attributes` hold only what changed; hashes in part, arrays whole. */
function merged(now: unknown, before: unknown): unknown {
  const [from, to] = [record(now), record(before)];
  if (!from || !to) return before;
  const result: Record<string, unknown> = { ...from };
  for (const [key, value] of Object.entries(to))
    result[key] = Array.isArray(value) ? value : merged(from[key], value);
  return result;
}

/** The object as it was before the event; items that are told in part keep the rest of what they are. */
function bodyBefore(body: Json, previous: Json): Json {
  const before = record(merged(body, previous)) ?? body;
  const changed = records(previous.items);
  const now = new Map(records(body.items).map((item) => [item.id, item]));
  if (changed.length > 0)
    return {
      ...before,
      items: { data: changed.map((item) => ({ ...now.get(item.id), ...item })) },
    };
  const only = records(body.items);
  // of a subscription with one item, events of old versions tell its plan and quantity at the top alone
  const own = only.length === 1 && only[0];
  if (!own || !("plan" in previous || "quantity" in previous)) return before;
  const plan = record(previous.plan);
  return {
    ...before,
    items: {
      data: [
        {
          ...own,
          ...(plan ? { plan, price: undefined } : {}),
          ...("quantity" in previous ? { quantity: previous.quantity } : {}),
        },
      ],
    },
  };
}

function readHappening(event: Json, subscriptionId: string, reader: Reader): Happening | null {
  const [id, type, at] = [text(event.id), text(event.type), seconds(event.created)];
  const data = record(event.data);
  const body = record(data?.object);
  if (
    id === null ||
    at === null ||
    !type?.startsWith("customer.subscription.") ||
    body?.id !== subscriptionId
  )
    return null;
  const after = readSubscription(body, reader);
  // one that tells of no items tells nothing of what they are
  if (!after || after.items.length === 0) return null;
  const rank = type.endsWith(".created") ? 0 : type.endsWith(".deleted") ? 2 : 1;
  const previous = record(data?.previous_attributes);
  const before = previous ? readSubscription(bodyBefore(body, previous), reader) : null;
  // an announcement (trial_will_end) tells the state, and no change
  const announces = rank === 1 && type.endsWith("will_end");
  return { id, at, rank, before: announces ? after : before, after };
}

/** Oldest first, each once. Those of one second in the order in which one's end is the other's beginning. */
function inOrder(happenings: readonly Happening[]): Happening[] {
  const once = [...new Map(happenings.map((happening) => [happening.id, happening])).values()];
  once.sort((a, b) => a.at - b.at || a.rank - b.rank || (a.id < b.id ? -1 : 1));
  const ordered: Happening[] = [];
  while (once.length > 0) {
    const first = once[0]!;
    const last = ordered.at(-1);
    const group = once.filter(({ at, rank }) => at === first.at && rank === first.rank);
    const held = last && worthOf(last.after);
    const ends = new Set(group.map(({ after }) => worthOf(after)));
    const next =
      group.find(({ before }) => before && held !== undefined && worthOf(before) === held) ??
      group.find(({ before }) => before && !ends.has(worthOf(before))) ??
      first;
    ordered.push(next);
    once.splice(once.indexOf(next), 1);
  }
  return ordered;
}

interface Glimpse {
  at: number;
  state: SubscriptionState;
  evidence: string;
  /** An event: what it tells begins at that very second. */
  begins: boolean;
}

/**
 * Between two states that differ, and no event that says when: what the newer one says of itself, else when the older one was last
 * seen. Never when the newer one was read, for it is read again and again.
 */
function changedAt(older: Glimpse, newer: Glimpse): { from: number; confidence: Confidence } {
  const within = (at: number | null): at is number => at !== null && at > older.at && at <= newer.at;
  if (newer.begins) return { from: newer.at, confidence: "exact" };
  const before = new Map(older.state.items.map((item) => [item.id, item]));
  const { state } = newer;
  const hints = [
    ...state.items.filter(({ id }) => !before.has(id)).map(({ createdAt }) => createdAt),
    state.endedAt,
    state.pausedAt,
    older.state.status === "trialing" && state.status !== "trialing" ? state.trialEnd : null,
  ].filter(within);
  if (hints.length > 0) return { from: Math.max(...hints), confidence: "exact" };
  return { from: older.at, confidence: "inferred" };
}

/** What was seen between two events, unless they already tell the whole of it. */
function between(left: Glimpse | null, glimpses: readonly Glimpse[], right: Glimpse | null): Glimpse[] {
  const seen = glimpses.filter(
    ({ at }) => (left === null || at > left.at) && (right === null || at < right.at),
  );
  const whole = left && right && worthOf(left.state) === worthOf(right.state);
  return whole ? [] : seen;
}

/** The same before an event that does not tell what was before it: also what was read in its second, if it is something else. */
function untilUntold(left: Glimpse | null, glimpses: readonly Glimpse[], right: Glimpse): Glimpse[] {
  const after = worthOf(right.state);
  return glimpses.filter(
    ({ at, state }) =>
      (left === null || at > left.at) && (at < right.at || (at === right.at && worthOf(state) !== after)),
  );
}

export interface Sightings {
  subscriptionId: string;
  /** What the API said last of this subscription, and what it said before. */
  current: StoredObject | null;
  earlier: readonly StoredObject[];
  events: readonly Json[];
  /** Items that did not fit into the body. */
  more: readonly Json[];
  /** Since when every change has been heard of, in seconds; null: unknown. */
  since: number | null;
}

export interface Observation {
  /** Ascending; the first one is the oldest that was seen. */
  states: readonly Observed[];
  /** As it is now, and when that was seen. */
  latest: SubscriptionState;
  at: number;
  /** Every body that was seen: discounts of one invoice stand in some only. */
  bodies: readonly SubscriptionState[];
}

/** Null where nothing was seen at all. */
export function observe(sightings: Sightings, reader: Reader): Observation | null {
  const { subscriptionId, since } = sightings;
  const happenings = inOrder(
    sightings.events.flatMap((event) => readHappening(event, subscriptionId, reader) ?? []),
  );
  const glimpse = ({ at, body }: StoredObject): Glimpse[] => {
    const state = readSubscription(body, reader, sightings.more);
    const evidence = `subscription:${subscriptionId}`;
    return state ? [{ at: Math.floor(at / 1000), state, evidence, begins: false }] : [];
  };
  const fetched = sightings.earlier
    .flatMap(glimpse)
    .sort((a, b) => a.at - b.at || (worthOf(a.state) < worthOf(b.state) ? -1 : 1));

  const sequence: Glimpse[] = [];
  let left: Glimpse | null = null;
  for (const { id, at, rank, before, after } of happenings) {
    const evidence = `event:${id}`;
    const begun: Glimpse = { at, state: after, evidence, begins: true };
    const ended: Glimpse | null = before && { at, state: before, evidence, begins: false };
    if (ended) sequence.push(...between(left, fetched, ended), ended);
    else sequence.push(...(rank === 0 ? between(left, fetched, begun) : untilUntold(left, fetched, begun)));
    sequence.push(begun);
    left = begun;
  }
  sequence.push(...between(left, fetched, null));
  // what the API says now is how it is, whatever the last event said and whenever that was
  const [current] = sightings.current ? glimpse(sightings.current) : [];
  if (current) sequence.push({ ...current, at: Math.max(current.at, sequence.at(-1)?.at ?? current.at) });
  const newest = sequence.at(-1);
  if (!newest) return null;
  const bodies = [...sequence, ...fetched].map(({ state }) => state);
  return { states: settled(sequence, since), latest: newest.state, at: newest.at, bodies };
}

/** From glimpses to states: one that is worth the same as the one before it adds nothing. */
function settled(sequence: readonly Glimpse[], since: number | null): Observed[] {
  const states: Observed[] = [];
  let last: Glimpse | null = null;
  for (const glimpse of sequence) {
    const { state, evidence } = glimpse;
    if (last === null) {
      const from = glimpse.begins || since === null ? glimpse.at : Math.min(glimpse.at, since);
      states.push({ from, state, confidence: "exact", evidence });
    } else if (worthOf(last.state) === worthOf(state)) {
      // the newest body of a state says most: how it ends, when it renews
      const before = states.at(-1)!;
      const pausedAt = state.pausedAt ?? before.state.pausedAt;
      states[states.length - 1] = { ...before, state: { ...state, pausedAt } };
    } else {
      states.push({ ...changedAt(last, glimpse), state, evidence });
    }
    last = glimpse;
  }
  // what held for no time at all says something of the time before it only, where it is what an event ended
  const ended = sequence[0]?.begins === false;
  return states.filter(
    ({ from }, i) => (i === 0 && ended) || from < (states[i + 1]?.from ?? Number.POSITIVE_INFINITY),
  );
}
