import { sql } from "drizzle-orm";
import { type FeedEvent, feedTopics } from "#contracts/feed.ts";
import type { OrgTx } from "../database.ts";

/**
 * Tells the organisation's open pages, once this transaction has committed, what to look at again. `keys` name things; they
 * are never data, which each reader asks for with their own rights.
 */
export async function recordEvent(
  tx: Pick<OrgTx, "orgId" | "rows">,
  { topic, keys }: FeedEvent,
): Promise<void> {
  await tx.rows(
    sql`INSERT INTO org_event (org_id, topic, keys) VALUES (${tx.orgId}, ${topic}, ${JSON.stringify(keys)}::jsonb)`,
  );
}

/** An event with its number: without a gap, in the order of the commits. */
export interface LoggedEvent extends FeedEvent {
  seq: number;
}

/** The number of the last event; 0 before the first. */
export async function findLastEvent(tx: Pick<OrgTx, "orgId" | "rows">): Promise<number> {
  const [head] = await tx.rows<{ seq: string }>(
    sql`SELECT seq FROM org_event_head WHERE org_id = ${tx.orgId}`,
  );
  return Number(head?.seq ?? 0);
}

/**
 * What happened after event `seq`, in order, and the number up to which that is all.
 * @param tx one that only reads: two statements must see one state
 * @returns null when it cannot be told: more than `limit`, longer ago than is kept, or a number of another database
 */
export async function listEventsAfter(
  tx: Pick<OrgTx, "orgId" | "rows">,
  seq: number,
  limit: number,
): Promise<{ upTo: number; events: LoggedEvent[] } | null> {
  const rows = await tx.rows<{ seq: string; topic: string; keys: FeedEvent["keys"] }>(sql`
    SELECT seq, topic, keys FROM org_event WHERE org_id = ${tx.orgId} AND seq > ${seq} ORDER BY seq LIMIT ${limit + 1}`);
  if (rows.length > limit) return null;
  if (rows.length === 0 && seq !== (await findLastEvent(tx))) return null;
  const events = rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  if (events.some((event, place) => event.seq !== seq + 1 + place)) return null;
  return { upTo: events.at(-1)?.seq ?? seq, events: events.filter(isKnown) };
}

/** A newer version in another process may know more topics than this one. */
const isKnown = (event: { seq: number; topic: string; keys: FeedEvent["keys"] }): event is LoggedEvent =>
  feedTopics.some((topic) => topic === event.topic);
