import type { CustomerFacts } from "#contracts/source-facts.ts";
import type { OrgTx } from "#db/database.ts";
import { sql } from "#db/database.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { putCustomerFacts } from "#db/queries/source-facts.ts";
import {
  type KnownCustomer,
  listKnown,
  listStale,
  markDerived,
  type ObjectName,
  putUnreadable,
} from "#db/queries/source-known.ts";
import { fetchObjects, putFetched } from "./fetch-objects.ts";
import { type Asked, SharedObjects } from "./shared-objects.ts";
import type { Sync } from "./sync.ts";

/** Customers whose facts are written together. */
const batchSize = 250;
/** Customers whose objects are read together: few, so that what is read is young when it is thrown away. */
const readAtOnce = 25;
/** Customers of one transaction: a restatement tells of all of them at once. */
const mostCustomers = 100_000;
/** A large organisation's whole ledger is one statement. */
const statementMs = 15 * 60_000;

/**
 * Makes facts and numbers of every stale customer. Facts, what they were made from and the ledger commit together: whoever looks
 * sees the numbers before or after. Who turns out to need a shared object that is not kept yet waits until it was fetched: nothing can
 * be asked of the vendor while facts are written.
 */
export async function deriveStale(sync: Sync, heardSince = sync.source.heardSince): Promise<void> {
  const shared = new SharedObjects(sync.listed);
  const deriving = { sync, shared, heardSince };
  for (;;) {
    const isDone = await sync.commit((tx) => deriveMany(deriving, tx), { statementMs });
    const missing = shared.listMissing();
    if (isDone && missing.length === 0) return;
    for (let at = 0; at < missing.length; at += batchSize)
      await fetchShared(sync, shared, missing.slice(at, at + batchSize));
  }
}

interface Deriving {
  sync: Sync;
  shared: SharedObjects;
  /** Seconds since 1970. */
  heardSince: number | null;
}

/** @returns whether that was all, but for those that wait for a shared object */
async function deriveMany(deriving: Deriving, tx: OrgTx): Promise<boolean> {
  const { sync, shared } = deriving;
  const { id } = sync.source;
  const touched = new Set<string>();
  let derived = 0;
  let after = "";
  let isDone = false;
  while (derived < mostCustomers) {
    const stale = await listStale(tx, id, after, batchSize);
    isDone = stale.length < batchSize;
    const made = await normaliseAll(deriving, tx, stale);
    for (const one of await putCustomerFacts(tx, id, made.filter(hasFacts))) touched.add(one);
    for (const { customerId, facts } of made) if (!facts) await putUnreadable(tx, id, customerId);
    if (made.length > 0) await markDerived(tx, id, made);
    shared.trim();
    derived += made.length;
    if (isDone) break;
    after = stale.at(-1) ?? after;
  }
  if (touched.size > 0) {
    const named = sql`(SELECT jsonb_array_elements_text(${JSON.stringify([...touched])}::jsonb)::bigint AS customer_id)`;
    await refreshCustomers(tx, { touched: named, cause: "sync", sourceId: id });
  }
  if (derived > 0) await sync.tell(tx);
  return isDone;
}

interface Made {
  customerId: string;
  /** Null: what is known of the customer could not be read; what was made before stays. */
  facts: CustomerFacts | null;
  references: ObjectName[];
}

const hasFacts = (made: Made): made is Made & { facts: CustomerFacts } => made.facts !== null;

/**
 * Normalises until every shared object that was asked for has been looked up; customers that need one which is not kept are left
 * out, and it is told by `shared.listMissing`.
 */
async function normaliseAll(deriving: Deriving, tx: OrgTx, customerIds: readonly string[]): Promise<Made[]> {
  const made: Made[] = [];
  for (let at = 0; at < customerIds.length; at += readAtOnce) {
    const ids = customerIds.slice(at, at + readAtOnce);
    const known = await listKnown(tx, deriving.sync.source.id, ids);
    made.push(...(await normaliseSome(deriving, tx, known)));
  }
  return made;
}

async function normaliseSome(
  deriving: Deriving,
  tx: OrgTx,
  known: readonly KnownCustomer[],
): Promise<Made[]> {
  const { sync, shared } = deriving;
  const made: Made[] = [];
  let waiting = known;
  while (waiting.length > 0) {
    const again: KnownCustomer[] = [];
    for (const one of waiting) {
      const asked = shared.watch();
      const facts = normalise(deriving, one, asked.find);
      if (asked.isComplete()) made.push({ customerId: one.customerId, facts, references: asked.names() });
      else again.push(one);
    }
    waiting = again.length > 0 && (await shared.lookUp(tx, sync.source.id)) ? again : [];
  }
  return made;
}

function normalise(
  { sync, heardSince }: Deriving,
  { customerId, own, earlier, events }: KnownCustomer,
  find: Asked["find"],
): CustomerFacts | null {
  try {
    return sync.connector.normalise({
      ...{ customerId, own, earlier, events },
      shared: find,
      now: Math.floor(Date.now() / 1_000),
      since: heardSince,
    });
  } catch (error) {
    sync.job.log.error({ err: error, customerId }, "a customer’s objects could not be read");
    return null;
  }
}

/** What the vendor does not have either is nowhere: nobody waits for it any more. */
async function fetchShared(sync: Sync, shared: SharedObjects, names: readonly ObjectName[]): Promise<void> {
  const fetched = await fetchObjects(sync, names);
  await sync.commit((tx) => putFetched(sync, tx, fetched));
  const came = new Set(
    fetched.found.flatMap(({ objects }) => objects.map(({ stream, id }) => `${stream} ${id}`)),
  );
  for (const name of names) shared.settle(name, !came.has(`${name.stream} ${name.id}`));
}
