import { type SQL, sql } from "drizzle-orm";
import type { ExclusionItem, ExclusionKind } from "#contracts/catalogue.ts";
import { AppError } from "#root/errors.ts";
import { decodeCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { lockFacts } from "./import-effects.ts";
import { refreshSoon } from "./refresh-soon.ts";

/** What leaves every number: test and internal customers, plans, single subscriptions. It stays out through every import. */

interface Row extends Record<string, unknown> {
  id: string;
  kind: ExclusionKind;
  target: string;
  name: string | null;
  reason: string;
  by: string | null;
  at: string;
  customers: string | null;
}

/** Exclusions that some rows of `e` are, each with its name, who made it and, of a plan, how many customers have it. */
const listed = (tx: OrgTx, some: SQL): SQL => sql`
  WITH page AS MATERIALIZED (SELECT e.* FROM exclusion e WHERE e.org_id = ${tx.orgId} AND ${some}),
  counted AS (
    SELECT v.plan, count(DISTINCT v.customer_id) AS customers FROM subscription_version v
    WHERE v.org_id = ${tx.orgId} AND v.superseded_by IS NULL AND v.plan IN (SELECT target FROM page WHERE kind = 'plan')
    GROUP BY v.plan)
  SELECT e.id::text AS id, e.kind, e.target, c.name, e.reason, u.email AS by,
    to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
    CASE WHEN e.kind = 'plan' THEN coalesce(counted.customers, 0) END::text AS customers
  FROM page e
  LEFT JOIN customer c ON c.org_id = ${tx.orgId} AND e.kind = 'customer' AND c.external_id = e.target
  LEFT JOIN counted ON e.kind = 'plan' AND counted.plan = e.target
  LEFT JOIN "user" u ON u.id = e.created_by
  ORDER BY e.id::text DESC`;

const itemOf = ({ target, customers, ...rest }: Row): ExclusionItem => ({
  ...rest,
  target_id: target,
  customers: customers === null ? null : Number(customers),
});

/** Newest first. */
export async function listExclusions(
  tx: OrgTx,
  input: { limit: number; cursor?: string; kind?: ExclusionKind },
): Promise<{ items: ExclusionItem[]; next: string | null }> {
  const before = input.cursor === undefined ? null : decodeCursor(input.cursor, ["id"])[0];
  const kind = input.kind ? sql`e.kind = ${input.kind}` : sql`true`;
  const beyond = before === null ? sql`` : sql`AND e.id::text < ${before}`;
  const rows = await tx.rows<Row>(
    listed(tx, sql`${kind} ${beyond} ORDER BY e.id::text DESC LIMIT ${input.limit + 1}`),
  );
  const found = page(rows, input.limit, (row) => [row.id]);
  return { ...found, items: found.items.map(itemOf) };
}

async function findExclusion(tx: OrgTx, which: SQL): Promise<ExclusionItem | null> {
  const [row] = await tx.rows<Row>(listed(tx, which));
  return row ? itemOf(row) : null;
}

interface Target {
  kind: ExclusionKind;
  /** The customer's id as uploaded, the plan's name or the subscription's id. */
  target: string;
}

/** Customers whose numbers an exclusion moves. */
const touchedBy = (tx: OrgTx, { kind, target }: Target): SQL =>
  kind === "customer"
    ? sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id = ${target})`
    : sql`(SELECT v.customer_id FROM subscription_version v WHERE v.org_id = ${tx.orgId}
        AND ${kind === "plan" ? sql`v.plan` : sql`v.subscription_id`} = ${target})`;

const unknownTarget: Record<ExclusionKind, string> = {
  customer: "There is no customer with this id.",
  plan: "No subscription has this plan.",
  subscription: "There is no subscription with this id.",
};

/** Whoever counts as another has no numbers of its own to leave out. @throws AppError NOT_FOUND, CONFLICT `merged` */
async function requireTarget(tx: OrgTx, target: Target): Promise<void> {
  const [found] = await tx.rows<{ customer_id: string }>(
    sql`SELECT customer_id::text AS customer_id FROM ${touchedBy(tx, target)} given LIMIT 1`,
  );
  if (!found) throw new AppError("NOT_FOUND", unknownTarget[target.kind]);
  if (target.kind !== "customer") return;
  const [merged] = await tx.rows<{ into: string }>(sql`
    SELECT r.external_id AS into FROM customer_merge g JOIN customer r ON r.org_id = ${tx.orgId} AND r.id = g.root_id
    WHERE g.org_id = ${tx.orgId} AND g.customer_id = ${found.customer_id}::bigint`);
  if (merged)
    throw new AppError(
      "CONFLICT",
      `This customer counts as “${merged.into}”. Exclude that one, or split first.`,
      {
        reason: "merged",
        details: { into: merged.into },
      },
    );
}

const markCustomer = (tx: OrgTx, target: string, reason: string | null) =>
  tx.rows(
    sql`UPDATE customer SET excluded_reason = ${reason} WHERE org_id = ${tx.orgId} AND external_id = ${target}`,
  );

/**
 * Takes a customer, a plan or a subscription out of every number.
 * @throws AppError NOT_FOUND; CONFLICT: `already_excluded`, `merged`
 */
export async function createExclusion(
  tx: OrgTx,
  request: Target & { reason: string; actorId: string | null },
): Promise<ExclusionItem> {
  await lockFacts(tx);
  const { kind, target, reason, actorId } = request;
  const same = sql`e.kind = ${kind} AND e.target = ${target}`;
  const known = await findExclusion(tx, same);
  if (known)
    throw new AppError("CONFLICT", "This is excluded already.", {
      reason: "already_excluded",
      details: { id: known.id },
    });
  await requireTarget(tx, request);
  await tx.rows(sql`INSERT INTO exclusion (org_id, id, kind, target, reason, created_by)
    VALUES (${tx.orgId}, ${newId()}, ${kind}, ${target}, ${reason}, ${actorId}::uuid)`);
  if (kind === "customer") await markCustomer(tx, target, reason);
  await refreshSoon(tx, { touched: touchedBy(tx, request), cause: "exclusion", actorId });
  const made = await findExclusion(tx, same);
  if (!made)
    throw new AppError("INTERNAL", "Something went wrong.", { internal: "no exclusion after insert" });
  return made;
}

/** Counts it again. @throws AppError NOT_FOUND */
export async function deleteExclusion(
  tx: OrgTx,
  { id, actorId }: { id: string; actorId: string | null },
): Promise<ExclusionItem> {
  await lockFacts(tx);
  const found = await findExclusion(tx, sql`e.id = ${id}::uuid`);
  if (!found) throw new AppError("NOT_FOUND", "This is not excluded, or not any more.");
  await tx.rows(sql`DELETE FROM exclusion WHERE org_id = ${tx.orgId} AND id = ${id}::uuid`);
  const target = { kind: found.kind, target: found.target_id };
  if (found.kind === "customer") await markCustomer(tx, target.target, null);
  await refreshSoon(tx, { touched: touchedBy(tx, target), cause: "inclusion", actorId });
  return found;
}
