import { and, asc, count, eq, gt, inArray, ne, sql } from "drizzle-orm";
import { mostSegments } from "#contracts/segments.ts";
import type { Expression } from "#metrics/segments.ts";
import { AppError } from "#root/errors.ts";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { segment } from "../schema/dashboards.ts";
import { recordEvent } from "./events.ts";
import { expressionKey, type FilterValues } from "./filters.ts";

export type SegmentRow = typeof segment.$inferSelect;
type Values = Pick<SegmentRow, "name" | "color" | "expression">;

/** Oldest first. */
export async function listSegments(tx: OrgTx, input: { limit: number; cursor?: string }) {
  const after = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select()
    .from(segment)
    .where(and(eq(segment.orgId, tx.orgId), after === null ? undefined : gt(segment.id, after)))
    .orderBy(asc(segment.id))
    .limit(input.limit + 1);
  return page(rows, input.limit, (row) => [row.id]);
}

/** @throws AppError NOT_FOUND */
export async function getSegment(tx: OrgTx, id: string): Promise<SegmentRow> {
  const [found] = await tx.q.select().from(segment).where(own(tx, id));
  if (!found) throw noSuchSegment();
  return found;
}

const own = (tx: OrgTx, id: string) => and(eq(segment.orgId, tx.orgId), eq(segment.id, id));
const tell = (tx: OrgTx, id: string) => recordEvent(tx, { topic: "segments", keys: { id } });
const noSuchSegment = () => new AppError("NOT_FOUND", "There is no such segment.");

/** @throws AppError CONFLICT `segment_name_taken`, UNPROCESSABLE `too_many_segments` */
export async function createSegment(tx: OrgTx, values: Values): Promise<SegmentRow> {
  await lockSegments(tx);
  await requireFreeName(tx, values.name, null);
  const [all] = await tx.q.select({ count: count() }).from(segment).where(eq(segment.orgId, tx.orgId));
  if ((all?.count ?? 0) >= mostSegments)
    throw new AppError("UNPROCESSABLE", `There are ${mostSegments} segments already. Delete one first.`, {
      reason: "too_many_segments",
    });
  const [made] = await tx.q
    .insert(segment)
    .values({ orgId: tx.orgId, id: newId(), ...values })
    .returning();
  await tell(tx, made!.id);
  return made!;
}

/** @throws AppError NOT_FOUND, CONFLICT `segment_name_taken` */
export async function updateSegment(tx: OrgTx, id: string, values: Partial<Values>): Promise<SegmentRow> {
  await lockSegments(tx);
  if (values.name !== undefined) await requireFreeName(tx, values.name, id);
  const [changed] = await tx.q
    .update(segment)
    .set({ ...values, updatedAt: sql`now()` })
    .where(own(tx, id))
    .returning();
  if (!changed) throw noSuchSegment();
  await tell(tx, id);
  return changed;
}

/** What used it says so from then on. @returns its name @throws AppError NOT_FOUND */
export async function deleteSegment(tx: OrgTx, id: string): Promise<string> {
  const [gone] = await tx.q.delete(segment).where(own(tx, id)).returning({ name: segment.name });
  if (!gone) throw noSuchSegment();
  await tell(tx, id);
  return gone.name;
}

/** One change of the list at a time: names and the count of segments are looked up before they are written. */
const lockSegments = (tx: OrgTx): Promise<unknown> =>
  tx.rows(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`segments of ${tx.orgId}`}, 0))`);

/** Names differ by more than their case. */
async function requireFreeName(tx: OrgTx, name: string, but: string | null): Promise<void> {
  const [taken] = await tx.q
    .select({ name: segment.name })
    .from(segment)
    .where(
      and(
        eq(segment.orgId, tx.orgId),
        eq(sql`lower(${segment.name})`, sql`lower(${name})`),
        but === null ? undefined : ne(segment.id, but),
      ),
    );
  if (taken)
    throw new AppError("CONFLICT", `There is a segment named “${taken.name}” already.`, {
      reason: "segment_name_taken",
    });
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Between ids that must all match: the page's segment and the widget's own. */
const both = ".";

/**
 * A filter with what its segments say in their place, ready for `filterConditions` and for the key of a kept answer: a segment
 * that changes is another question. Without segments the filter itself.
 * @throws AppError BAD_REQUEST, reason `unknown_segment`
 */
export async function resolveFilter(tx: OrgTx, filter: FilterValues): Promise<FilterValues> {
  const { segment: asked = [], ...others } = filter;
  if (asked.length === 0) return filter;
  const groups = asked.map((value) => value.toLowerCase().split(both));
  const ids = [...new Set(groups.flat())];
  const found = ids.every((id) => uuid.test(id))
    ? await tx.q
        .select({ id: segment.id, expression: segment.expression })
        .from(segment)
        .where(and(eq(segment.orgId, tx.orgId), inArray(segment.id, ids)))
    : [];
  const byId = new Map(found.map(({ id, expression }) => [id, expression]));
  const expressionOf = (id: string): Expression => {
    const expression = byId.get(id);
    if (expression) return expression;
    throw new AppError("BAD_REQUEST", "This segment was deleted. Choose another one, or take it off.", {
      reason: "unknown_segment",
      details: { id },
    });
  };
  const any = groups.map((group): Expression => joined("all", group.map(expressionOf)));
  return { ...others, [expressionKey]: [JSON.stringify(joined("any", any))] };
}

const joined = (word: "all" | "any", expressions: readonly Expression[]): Expression =>
  expressions.length === 1 && expressions[0]
    ? expressions[0]
    : word === "all"
      ? { all: expressions }
      : { any: expressions };
