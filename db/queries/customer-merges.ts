import { sql } from "drizzle-orm";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { removeEmptyCustomers } from "./fold-customers.ts";
import { lockFacts } from "./import-effects.ts";
import { isSourced } from "./ledger-rules.ts";
import { putAsideUploads } from "./put-aside.ts";
import { refreshCustomers } from "./refresh.ts";

/**
 * Customers that count as another: the union of their states makes one history, whose cohort is the earliest first
 * payment. Rows of money move to whom the customer counts as and remember whose they were; what files say of the customer
 * stays with it, so that imports and undos go on as before and a split brings everything back.
 */

interface Found extends Record<string, unknown> {
  id: string;
  customer_id: string;
  excluded: string | null;
  /** Whom it counts as; null: itself. */
  root_id: string | null;
  root: string | null;
  root_excluded: string | null;
}

/** @throws AppError NOT_FOUND */
async function getMergeable(tx: OrgTx, externalId: string): Promise<Found> {
  const [found] = await tx.rows<Found>(sql`
    SELECT c.id::text AS id, c.external_id AS customer_id, c.excluded_reason AS excluded, g.root_id::text AS root_id,
      r.external_id AS root, r.excluded_reason AS root_excluded
    FROM customer c LEFT JOIN customer_merge g ON g.org_id = ${tx.orgId} AND g.customer_id = c.id
    LEFT JOIN customer r ON r.org_id = ${tx.orgId} AND r.id = g.root_id
    WHERE c.org_id = ${tx.orgId} AND c.external_id = ${externalId}`);
  if (!found)
    throw new AppError("NOT_FOUND", "There is no customer with this id.", { details: { id: externalId } });
  return found;
}

const conflict = (reason: string, message: string, details: Record<string, string> = {}): AppError =>
  new AppError("CONFLICT", message, { reason, details });

/**
 * Counts a customer as another from now on; whoever counted as it does so too.
 * @param request ids as uploaded; a target that was merged itself stands for whom it counts as
 * @returns both ids as uploaded
 * @throws AppError NOT_FOUND; CONFLICT: `already_merged`, `same_customer`, `customer_excluded`
 */
export async function mergeCustomers(
  tx: OrgTx,
  request: { customer: string; into: string; actorId: string | null },
): Promise<{ customer_id: string; merged_into: string }> {
  await lockFacts(tx);
  const from = await getMergeable(tx, request.customer);
  const target = await getMergeable(tx, request.into);
  if (from.root)
    throw conflict("already_merged", `This customer counts as “${from.root}” already. Split it first.`, {
      into: from.root,
    });
  const root = { id: target.root_id ?? target.id, customer_id: target.root ?? target.customer_id };
  if (root.id === from.id)
    throw conflict(
      "same_customer",
      target.root ? "The other customer counts as this one already." : "A customer is itself already.",
    );
  if (from.excluded ?? (target.root_id ? target.root_excluded : target.excluded))
    throw conflict(
      "customer_excluded",
      "One of the two is excluded from the numbers. Include it again first.",
    );
  for (const table of ["subscription_version", "transaction"])
    await tx.rows(sql`UPDATE ${sql.identifier(table)} SET customer_id = ${root.id}::bigint,
        merged_from = coalesce(merged_from, customer_id)
      WHERE org_id = ${tx.orgId} AND customer_id = ${from.id}::bigint`);
  await tx.rows(
    sql`UPDATE customer SET excluded_reason = 'merged' WHERE org_id = ${tx.orgId} AND id = ${from.id}::bigint`,
  );
  await tx.rows(sql`UPDATE customer_merge SET root_id = ${root.id}::bigint
    WHERE org_id = ${tx.orgId} AND root_id = ${from.id}::bigint`);
  await tx.rows(sql`INSERT INTO customer_merge (org_id, customer_id, into_id, root_id, merged_by)
    VALUES (${tx.orgId}, ${from.id}::bigint, ${root.id}::bigint, ${root.id}::bigint, ${request.actorId}::uuid)`);
  await refreshBoth(tx, [from.id, root.id], "merge", request.actorId);
  return { customer_id: from.customer_id, merged_into: root.customer_id };
}

/**
 * Lets a merged customer count as itself again, and with it whoever was merged into it before. Of a customer that others
 * were merged into, lets each of these go.
 * @returns ids as uploaded: who was split off, and from whom
 * @throws AppError NOT_FOUND; CONFLICT `not_merged`
 */
export async function splitCustomer(
  tx: OrgTx,
  request: { customer: string; actorId: string | null },
): Promise<{ split: string[]; from: string }> {
  await lockFacts(tx);
  const { id, customer_id, root_id, root } = await getMergeable(tx, request.customer);
  if (root_id && root) {
    await splitOff(tx, id, root_id);
    await refreshBoth(tx, [id, root_id], "split", request.actorId);
    return { split: [customer_id], from: root };
  }
  const held = await tx.rows<{ id: string; customer_id: string }>(sql`
    SELECT c.id::text AS id, c.external_id AS customer_id FROM customer_merge g
    JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = g.customer_id
    WHERE g.org_id = ${tx.orgId} AND g.into_id = ${id}::bigint ORDER BY c.external_id COLLATE "C"`);
  if (held.length === 0)
    throw conflict("not_merged", "This customer counts as itself, and nobody else counts as it.");
  for (const one of held) await splitOff(tx, one.id, id);
  await refreshBoth(tx, [id, ...held.map((one) => one.id)], "split", request.actorId);
  return { split: held.map((one) => one.customer_id), from: customer_id };
}

async function splitOff(tx: OrgTx, id: string, rootId: string): Promise<void> {
  const branch = await tx.rows<{ id: string }>(sql`
    WITH RECURSIVE branch AS (
      SELECT ${id}::bigint AS id
      UNION SELECT g.customer_id FROM customer_merge g JOIN branch b ON b.id = g.into_id WHERE g.org_id = ${tx.orgId})
    SELECT id::text AS id FROM branch`);
  const ids = sql`${`{${branch.map((one) => one.id).join(",")}}`}::bigint[]`;
  for (const table of ["subscription_version", "transaction"])
    await tx.rows(sql`UPDATE ${sql.identifier(table)} SET customer_id = ${id}::bigint,
        merged_from = nullif(merged_from, ${id}::bigint)
      WHERE org_id = ${tx.orgId} AND customer_id = ${rootId}::bigint AND merged_from = ANY (${ids})`);
  await tx.rows(sql`DELETE FROM customer_merge WHERE org_id = ${tx.orgId} AND customer_id = ${id}::bigint`);
  await tx.rows(sql`UPDATE customer_merge SET root_id = ${id}::bigint
    WHERE org_id = ${tx.orgId} AND customer_id = ANY (${ids})`);
  await tx.rows(
    sql`UPDATE customer SET excluded_reason = NULL WHERE org_id = ${tx.orgId} AND id = ${id}::bigint`,
  );
}

/** Uploads that were undone meanwhile may have left nothing of a customer that a merge held on to. */
async function refreshBoth(
  tx: OrgTx,
  ids: readonly string[],
  cause: "merge" | "split",
  actorId: string | null,
): Promise<void> {
  const touched = sql`(SELECT unnest(${`{${ids.join(",")}}`}::bigint[]) AS customer_id)`;
  if (await isSourced(tx)) await putAsideUploads(tx, touched, null);
  if (cause === "split") await removeEmptyCustomers(tx, touched);
  await refreshCustomers(tx, { touched, cause, actorId });
}
