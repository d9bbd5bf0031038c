import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

/**
 * Moves the facts to the organisation's time zone after that changed. A time that a file gave without a zone keeps the
 * day that is written; one with a zone keeps its instant, and its day may change.
 * @returns false where there was nothing to move
 */
export async function redateFacts(tx: LedgerTx): Promise<boolean> {
  const [zones] = await tx.rows<{ old: string | null; now: string }>(sql`
    SELECT facts_timezone AS old, timezone AS now FROM organisation WHERE id = ${tx.orgId} FOR NO KEY UPDATE`);
  if (!zones?.old) return false;
  const move = { old: zones.old, now: zones.now };
  if (move.old !== move.now) {
    await redateSubscriptions(tx, move);
    await redateTransactions(tx, move);
    await redateSignups(tx, move);
  }
  await tx.rows(sql`UPDATE organisation SET facts_timezone = NULL WHERE id = ${tx.orgId}`);
  return move.old !== move.now;
}

interface Move {
  old: string;
  now: string;
}

/** The instant of a time in the new zone: without a zone of its own, the same clock there. */
const moved = (instant: SQL, isNaive: SQL, { old, now }: Move): SQL =>
  sql`CASE WHEN ${isNaive} THEN (${instant} AT TIME ZONE ${old}) AT TIME ZONE ${now} ELSE ${instant} END`;

const dayIn = (instant: SQL, { now }: Move): SQL => sql`(${instant} AT TIME ZONE ${now})::date`;

/** As writeSubscriptions cuts them: each version ends where the next of its key and upload starts. Those of sources end by themselves. */
async function redateSubscriptions(tx: LedgerTx, move: Move): Promise<void> {
  const part = (name: string, bit: number) =>
    moved(sql.raw(`v.${name}`), sql.raw(`v.naive & ${bit} <> 0`), move);
  await tx.rows(sql`
    UPDATE subscription_version v SET started_at = n.started_at, ended_at = n.ended_at, trial_end = n.trial_end,
      from_day = n.from_day, to_day = CASE WHEN n.until IS NOT NULL THEN greatest(n.until, n.from_day) END,
      past_due_day = ${dayIn(sql`v.past_due_since`, move)}, past_due_paid_day = ${dayIn(sql`v.past_due_paid_at`, move)},
      past_due_lost_day = ${dayIn(sql`v.past_due_lost_at`, move)}, cancel_day = ${dayIn(sql`v.cancel_requested_at`, move)}
    FROM (
      SELECT m.*, CASE WHEN source_id IS NULL THEN greatest(start_day, ${dayIn(sql`trial_end`, move)}) ELSE start_day END AS from_day,
        least(${dayIn(sql`ended_at`, move)}, CASE WHEN source_id IS NULL
          THEN lead(start_day) OVER (PARTITION BY upload_id, sub_key ORDER BY started_at, line) END) AS until
      FROM (
        SELECT p.*, ${dayIn(sql`started_at`, move)} AS start_day FROM (
          SELECT v.id, v.upload_id, v.source_id, v.sub_key, v.line, ${part("started_at", 1)} AS started_at,
            ${part("ended_at", 2)} AS ended_at, ${part("trial_end", 4)} AS trial_end
          FROM subscription_version v
          WHERE v.org_id = ${tx.orgId} AND v.sub_key NOT LIKE 'mrr\\_by\\_month:%') p) m) n
    WHERE v.org_id = ${tx.orgId} AND v.id = n.id`);
}

async function redateTransactions(tx: LedgerTx, move: Move): Promise<void> {
  await tx.rows(sql`
    UPDATE transaction t SET at = n.at, day = ${dayIn(sql`n.at`, move)}
    FROM (SELECT f.id, ${moved(sql`f.at`, sql`f.naive`, move)} AS at FROM transaction f WHERE f.org_id = ${tx.orgId}) n
    WHERE t.org_id = ${tx.orgId} AND t.id = n.id`);
}

/** A customer's day of sign-up is the newest word on it (fold-customers.ts). */
async function redateSignups(tx: LedgerTx, move: Move): Promise<void> {
  await tx.rows(sql`
    UPDATE customer_fact f SET signup_at = ${moved(sql`f.signup_at`, sql`f.signup_naive`, move)}
    WHERE f.org_id = ${tx.orgId} AND f.signup_at IS NOT NULL`);
  await tx.rows(sql`
    UPDATE customer c SET signup_day = n.day
    FROM (
      SELECT DISTINCT ON (f.customer_id) f.customer_id, ${dayIn(sql`f.signup_at`, move)} AS day
      FROM customer_fact f LEFT JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = f.upload_id
      LEFT JOIN source s ON s.org_id = ${tx.orgId} AND s.id = f.source_id
      WHERE f.org_id = ${tx.orgId} AND f.signup_at IS NOT NULL
      ORDER BY f.customer_id, coalesce(u.seq, s.seq, 0) DESC) n
    WHERE c.org_id = ${tx.orgId} AND c.id = n.customer_id AND c.signup_day IS DISTINCT FROM n.day`);
}
