import { randomInt } from "node:crypto";
import { type AwarenessEntry, decodeAwareness } from "#collab/awareness-frames.ts";

/** Who is shown: the session says so, never the client. */
export interface ShownUser {
  id: string;
  name: string;
}

interface Entry<Holder> {
  /** Null: gone; kept a while, so that nobody else takes its id and its clock goes on. */
  holder: Holder | null;
  userId: string;
  clock: number;
  state: Record<string, unknown> | null;
  /** What it said last, as text: a sign of life that says nothing new can wait. */
  said: string;
  goneAt: number;
}

const mostStateLength = 4_096;
const keepGoneMs = 60_000;
/** Another process says every few seconds who is there; one that fell silent is gone, and its people with it. */
const believeMs = 35_000;

/** Who is in a room: one client id per connection, under the session's name, with clocks of our own that only go up. */
export interface AwarenessTable<Holder> {
  /**
   * Takes in what a connection says of itself; what it says of others is passed over (y-websocket repeats what it hears).
   * @returns "changed": tell others soon · "alive": within seconds · "nothing" · "malformed"
   */
  take(holder: Holder, user: ShownUser, bytes: Uint8Array): "changed" | "alive" | "nothing" | "malformed";
  /** Shows somebody who may only read, under a client id of the server's: what they say of themselves is not asked. */
  seat(holder: Holder, user: ShownUser): void;
  /**
   * Looks at what somebody says without taking it in. "lie": it speaks for somebody else, in other words than were heard of them, or
   * is larger than a state may be.
   */
  judge(user: ShownUser, bytes: Uint8Array): "harmless" | "lie" | "malformed";
  /** Clients forget whoever has not been heard of for 30 s: says again who is seated. @returns whether anybody is */
  renewSeats(): boolean;
  /** A connection ended. @returns whether others have to be told */
  leave(holder: Holder): boolean;
  /** What changed since the last call. Nobody may be told of themselves: they would repeat it for ever. */
  drain(): AwarenessEntry[];
  /** Everybody who is there. */
  all(): AwarenessEntry[];
  /** The client id of a connection, once it has said one. */
  idOf(holder: Holder): number | null;
  /** What another process says of its own connections. @returns the client ids of which it was news */
  merge(bytes: Uint8Array): number[];
  /** For tests: entries that are kept, those who left included. */
  readonly size: number;
}

/**
 * @param mayUse whether a client id is this user's, or nobody's
 * @param now milliseconds, monotone
 */
export function createAwarenessTable<Holder>(
  mayUse: (client: number, userId: string) => boolean,
  now: () => number = () => performance.now(),
): AwarenessTable<Holder> {
  const entries = new Map<number, Entry<Holder>>();
  const ids = new Map<Holder, number>();
  const dirty = new Set<number>();
  /** Client ids of those who may only read. */
  const seats = new Set<number>();

  function sweep(): void {
    for (const [client, { holder, state, goneAt }] of entries)
      if (holder === null && state !== null && now() - goneAt > believeMs) remove(client);
    for (const [client, { holder, state, goneAt }] of entries)
      if (holder === null && state === null && now() - goneAt > keepGoneMs && !dirty.has(client))
        entries.delete(client);
  }

  function remove(client: number): boolean {
    const entry = entries.get(client);
    seats.delete(client);
    if (!entry) return false;
    entry.holder = null;
    entry.goneAt = now();
    if (entry.state === null) return false;
    entry.state = null;
    entry.said = "";
    entry.clock += 1;
    dirty.add(client);
    return true;
  }

  function takeOne(holder: Holder, user: ShownUser, given: AwarenessEntry): "changed" | "alive" | "nothing" {
    const { client, state } = given;
    const entry = entries.get(client);
    if (seats.has(client)) return "nothing";
    if (entry ? entry.userId !== user.id : !mayUse(client, user.id)) return "nothing";
    const own = ids.get(holder);
    if (state === null) return own === client && remove(client) ? "changed" : "nothing";
    const said = JSON.stringify(state);
    if (said.length > mostStateLength) return "nothing";
    const isEcho = entry !== undefined && entry.holder !== holder && entry.holder !== null;
    // what it repeats of another window of the same person, rather than that window's own connection anew
    if (isEcho && own !== undefined) return "nothing";
    if (own !== undefined && own !== client) remove(own);
    if (entry?.holder && entry.holder !== holder) ids.delete(entry.holder);
    ids.set(holder, client);
    const isNew = !entry || entry.holder !== holder || entry.said !== said;
    entries.set(client, {
      ...{ holder, userId: user.id, said, goneAt: 0 },
      clock: Math.max(given.clock, (entry?.clock ?? 0) + 1),
      state: { ...state, user: { id: user.id, name: user.name } },
    });
    dirty.add(client);
    return isNew ? "changed" : "alive";
  }

  /** Newer than what the table says of somebody: nobody can have heard that from here. */
  function isLie(user: ShownUser, { client, clock, state }: AwarenessEntry): boolean {
    if (state === null) return false;
    const entry = entries.get(client);
    if (entry && entry.userId !== user.id) return clock > entry.clock;
    if (!entry && !mayUse(client, user.id)) return true;
    return JSON.stringify(state).length > mostStateLength;
  }

  const pick = (clients: Iterable<number>): AwarenessEntry[] =>
    [...clients].flatMap((client) => {
      const entry = entries.get(client);
      return entry ? [{ client, clock: entry.clock, state: entry.state }] : [];
    });

  return {
    take(holder, user, bytes) {
      let given: AwarenessEntry[];
      try {
        given = decodeAwareness(bytes);
      } catch {
        return "malformed";
      }
      sweep();
      const results = given.map((entry) => takeOne(holder, user, entry));
      return results.includes("changed") ? "changed" : results.includes("alive") ? "alive" : "nothing";
    },
    judge(user, bytes) {
      let given: AwarenessEntry[];
      try {
        given = decodeAwareness(bytes);
      } catch {
        return "malformed";
      }
      return given.some((entry) => isLie(user, entry)) ? "lie" : "harmless";
    },
    seat(holder, user) {
      let client = randomInt(1, 2 ** 32);
      while (entries.has(client)) client = randomInt(1, 2 ** 32);
      ids.set(holder, client);
      entries.set(client, {
        ...{ holder, userId: user.id, said: "", goneAt: 0, clock: 1 },
        state: { reading: true, user: { id: user.id, name: user.name } },
      });
      seats.add(client);
      dirty.add(client);
    },
    renewSeats() {
      for (const client of seats) {
        const entry = entries.get(client);
        if (entry) entry.clock += 1;
        dirty.add(client);
      }
      return seats.size > 0;
    },
    leave(holder) {
      const client = ids.get(holder);
      ids.delete(holder);
      return client !== undefined && entries.get(client)?.holder === holder && remove(client);
    },
    drain() {
      const changed = pick(dirty);
      dirty.clear();
      sweep();
      return changed;
    },
    all: () => pick([...entries].filter(([, { state }]) => state !== null).map(([client]) => client)),
    idOf: (holder) => ids.get(holder) ?? null,
    merge(bytes) {
      let given: AwarenessEntry[];
      try {
        given = decodeAwareness(bytes);
      } catch {
        return [];
      }
      return given.flatMap(({ client, clock, state }) => {
        const entry = entries.get(client);
        if (entry && (entry.holder !== null || entry.clock >= clock)) return [];
        const user = state?.user as Partial<ShownUser> | undefined;
        entries.set(client, {
          ...{ holder: null, userId: user?.id ?? entry?.userId ?? "", said: "", clock, state },
          goneAt: now(),
        });
        dirty.add(client);
        return [client];
      });
    },
    get size() {
      return entries.size;
    },
  };
}
