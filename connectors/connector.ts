import type { CustomerFacts, RawObject } from "#contracts/source-facts.ts";

/**
 * What a billing system has to offer to become a source. A connector talks to the vendor and knows no database, no clock but the
 * vendor's, and no organisation; everything else (cursors, retries of a whole page, storing, scheduling) is shared.
 */
export interface Connector<Credentials> {
  readonly kind: string;
  /** The streams in the order of a backfill. */
  readonly streams: readonly StreamDescription[];
  connect(options: ConnectOptions<Credentials>): Connection;
  /**
   * Reads a webhook: the raw bytes, never parsed before they are verified.
   * @throws WebhookRefused
   */
  webhook(request: WebhookRequest): Change[];
  /** Pure: all that is known of one customer, from the objects that belong to it and those that belong to nobody (prices, coupons). */
  normalise(known: KnownObjects): CustomerFacts;
}

export interface StreamDescription {
  name: string;
  /** 'Subscriptions' */
  label: string;
  /** Without it there are no numbers; others are missed where they are forbidden, and the page says what is missed. */
  required: boolean;
  /**
   * Numbers hang on it from day to day (subscriptions and their items): earlier states are kept as evidence, and every night
   * it is listed afresh. A part that only `replaces` gives is named here too, and has `listed: false`.
   */
  history?: boolean;
  /** False: never asked for with `page`; its objects come along with those of another stream. Default true. */
  listed?: boolean;
  /** What happened is asked of it, with `changes`: never listed, and it may be forbidden as any other. */
  tells?: boolean;
}

export interface ConnectOptions<Credentials> {
  credentials: Credentials;
  /** An account connected to ours (Stripe-Account), or null. */
  account: string | null;
  /** Another host: a proxy, a test double. */
  apiBase: string | null;
  /** False switches the connector's own rate limit off (benchmarks). */
  limited: boolean;
}

/** One account of the vendor, reachable. Every method ends within a bounded time, and at once when `signal` aborts. */
export interface Connection {
  /** @throws ConnectorError `credentials_refused` where the key is not one or may not read what is required */
  check(signal: AbortSignal): Promise<Checked>;
  /**
   * One page of a stream, oldest range frozen by `before`.
   * @param cursor null: from the beginning
   */
  page(stream: string, cursor: string | null, range: Range, signal: AbortSignal): Promise<Page>;
  /** What happened since `cursor` (null: since `range.from`), oldest first. */
  changes(cursor: string | null, range: Range, signal: AbortSignal): Promise<ChangePage>;
  /** An object as it is now, with the parts that are objects of their own; `deleted` where it is gone. */
  fetch(stream: string, id: string, signal: AbortSignal): Promise<Fetched>;
}

export interface Checked {
  account: { id: string; name: string | null };
  livemode: boolean;
  streams: { name: string; state: "ok" | "forbidden" | "error"; message: string | null }[];
  /** The vendor's clock at the first answer, milliseconds: a backfill that begins now reads what was made before it. */
  at: number;
}

/** Instants in seconds since 1970, as the vendor counts them: `from` inclusive, `before` exclusive. */
export interface Range {
  from: number | null;
  before: number | null;
}

export interface Page {
  objects: RawObject[];
  /** Null: the stream has ended. */
  next: string | null;
  /** As of `Fetched`: whose parts are given completely. */
  replaces?: readonly { stream: string; parentId: string }[];
  /** The vendor's clock at the answer, milliseconds: what guards against an older answer overwriting a newer one. */
  at: number;
  apiVersion: string;
}

export interface Fetched {
  objects: RawObject[];
  /** Streams whose parts of this object are given completely: what is stored of them and not given is gone. */
  replaces: readonly { stream: string; parentId: string }[];
  at: number;
  apiVersion: string;
}

/** Something happened to an object: what it is now has to be fetched. */
export interface Change {
  /** The vendor's id of the event: the same one twice is one. */
  eventId: string;
  type: string;
  stream: string;
  objectId: string;
  customerId: string | null;
  /** Seconds since 1970. */
  at: number;
  livemode: boolean;
  account: string | null;
  /** The event as it came: history is read from it. */
  body: Record<string, unknown>;
}

export interface ChangePage {
  changes: Change[];
  next: string;
  /** More are there now. */
  more: boolean;
  /** It was not asked for so long that the vendor may have forgotten some of it: everything has to be listed afresh. */
  gap: boolean;
}

export interface WebhookRequest {
  body: Buffer;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Any of them may have signed. */
  secrets: readonly string[];
  /** Seconds since 1970. */
  now: number;
  /** What the source is: events of another mode or account are refused. */
  livemode: boolean;
  account: string | null;
}

/** Objects of one customer, and by need what they refer to. Events are oldest first. */
export interface KnownObjects {
  customerId: string;
  /** By stream. */
  own: ReadonlyMap<string, readonly StoredObject[]>;
  /** By stream and id: prices, products, coupons. */
  shared: (stream: string, id: string) => StoredObject | null;
  events: readonly Record<string, unknown>[];
  /** Earlier states of the customer's objects that we have seen ourselves, oldest first. */
  earlier: readonly StoredObject[];
  /** Seconds since 1970: what is after it has not happened yet. */
  now: number;
  /**
   * Seconds since 1970: since then every event has been heard of, so that what no event changed was the same all along. Unknown: a
   * state that nothing else dates begins when it was read.
   */
  since?: number | null;
}

export interface StoredObject {
  stream: string;
  id: string;
  parentId: string | null;
  body: Record<string, unknown>;
  deleted: boolean;
  /** Milliseconds: the vendor's clock when it was read. */
  at: number;
}

export const connectorFaults = [
  /** The key is wrong, revoked, or may not read what is required: asking again is of no use. */
  "credentials_refused",
  /** One stream may not be read. */
  "forbidden",
  /** Too many requests: `retryAfterMs` later. */
  "rate_limited",
  /** The vendor is not well, or the wire is not: later. */
  "unavailable",
  /** What came is not what the documentation promises. */
  "unexpected",
] as const;
export type ConnectorFault = (typeof connectorFaults)[number];

/** The message is for the reader and holds nothing secret. */
export class ConnectorError extends Error {
  override readonly name = "ConnectorError";
  constructor(
    readonly fault: ConnectorFault,
    message: string,
    /** `checked`: what a key may read that may not read enough. */
    readonly extra: { retryAfterMs?: number; cause?: unknown; checked?: Checked } = {},
  ) {
    super(message, { cause: extra.cause });
  }
}

/** A webhook that is not from whom it says, or not for this source. */
export class WebhookRefused extends Error {
  override readonly name = "WebhookRefused";
}
