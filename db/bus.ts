import { z } from "zod";

/**
 * What processes tell each other: topic → payload, ids only. A message says "look", never "this is how it is": it may be
 * lost, come twice or late, and whoever hears it reads the database.
 */
export const busCatalogue = {
  /** Something new stands in the organisation's event log (db/queries/events.ts). */
  feed: z.strictObject({ orgId: z.uuid() }),
  /**
   * Somebody's rights may be fewer than before: connections of this person (in this organisation, where both are given)
   * find out again who they speak for. An empty scope is refused: it would mean everybody.
   */
  authz: z
    .strictObject({ userId: z.uuid().nullable(), orgId: z.uuid().nullable() })
    .refine(({ userId, orgId }) => userId !== null || orgId !== null, "whose rights?"),
  /** A shared document has new edits, was closed, or somebody moved in it: `bytes` are what they say of themselves. */
  room: z.strictObject({
    orgId: z.uuid(),
    docId: z.uuid(),
    nodeId: z.uuid(),
    kind: z.enum(["updates", "presence", "closed"]),
  }),
} as const satisfies Record<string, z.ZodType>;

export type BusTopic = keyof typeof busCatalogue;
export type BusPayload<Topic extends BusTopic> = z.infer<(typeof busCatalogue)[Topic]>;

export type BusMessage = {
  [Topic in BusTopic]: {
    topic: Topic;
    payload: BusPayload<Topic>;
    /** Where a way can carry them; through Postgres they are left out, and whoever needs them reads the database. */
    bytes: Uint8Array | null;
  };
}[BusTopic];

/** A way to the other processes: `bus-postgres.ts` is one. What it says to itself does not come back. */
export interface BusWay {
  /**
   * Begins to listen. `onGap`: messages may have been lost, as after a lost connection.
   * Never throws: a way that cannot be reached is tried again until `close`.
   */
  open(receive: (message: unknown) => void, onGap: () => void): void;
  /** Never throws and does not wait. */
  send(message: BusMessage): void;
  /** Sends what waits, then ends. Never rejects. */
  close(): Promise<void>;
}

export interface Bus {
  /** Tells every subscriber: those of this process at once, others soon. Call it after the commit, best by `tx.announce`. */
  publish<Topic extends BusTopic>(topic: Topic, payload: BusPayload<Topic>, bytes?: Uint8Array): void;
  /** `fn` must be quick and not throw. @returns ends the subscription */
  subscribe<Topic extends BusTopic>(
    topic: Topic,
    fn: (payload: BusPayload<Topic>, bytes: Uint8Array | null) => void,
  ): () => void;
  /** `fn` is called when messages may have been lost: look as if all had come. @returns ends the subscription */
  onGap(fn: () => void): () => void;
  close(): Promise<void>;
}

type Listener = (payload: never, bytes: Uint8Array | null) => void;

/**
 * Within this process, and along `ways` to others. Composed once per process and handed to whoever needs it.
 * @param options.onError hears of subscribers that threw and of messages that are none
 */
export function createBus(
  options: { ways?: readonly BusWay[]; onError?: (error: unknown) => void } = {},
): Bus {
  const { ways = [], onError = () => {} } = options;
  const listeners = new Map<BusTopic, Set<Listener>>();
  const gapListeners = new Set<() => void>();

  const guarded = (call: () => void) => {
    try {
      call();
    } catch (error) {
      onError(error);
    }
  };
  const deliver = ({ topic, payload, bytes }: BusMessage) => {
    for (const listener of [...(listeners.get(topic) ?? [])])
      guarded(() => listener(payload as never, bytes));
  };
  for (const way of ways)
    way.open(
      (message) => guarded(() => deliver(parseMessage(message))),
      () => {
        for (const listener of [...gapListeners]) guarded(listener);
      },
    );

  return {
    publish(topic, payload, bytes) {
      const message = { topic, payload, bytes: bytes ?? null } as BusMessage;
      deliver(message);
      for (const way of ways) way.send(message);
    },
    subscribe(topic, fn) {
      const known = listeners.get(topic) ?? new Set();
      listeners.set(topic, known);
      const listener = fn as Listener;
      known.add(listener);
      return () => known.delete(listener);
    },
    onGap(fn) {
      gapListeners.add(fn);
      return () => gapListeners.delete(fn);
    },
    async close() {
      await Promise.all(ways.map((way) => way.close()));
      listeners.clear();
      gapListeners.clear();
    },
  };
}

const envelope = z.object({
  topic: z.enum(Object.keys(busCatalogue) as [BusTopic, ...BusTopic[]]),
  payload: z.unknown(),
  bytes: z.instanceof(Uint8Array).nullable().default(null),
});

/** Another process may run another version: what it says is read like any other input. @throws ZodError */
function parseMessage(given: unknown): BusMessage {
  const { topic, payload, bytes } = envelope.parse(given);
  return { topic, payload: busCatalogue[topic].parse(payload), bytes } as BusMessage;
}
