import { and, desc, eq, gte, lt, lte, or, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import { AppError } from "#root/errors.ts";
import { decodeCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { annotation } from "../schema/dashboards.ts";
import { recordEvent } from "./events.ts";

export type AnnotationRow = typeof annotation.$inferSelect;
type Values = Pick<AnnotationRow, "day" | "title" | "body">;

/** The latest day first. `from` and `to` are days, both inclusive. */
export async function listAnnotations(
  tx: OrgTx,
  input: { limit: number; cursor?: string; from?: Day; to?: Day },
) {
  const [day, id] = input.cursor ? decodeCursor(input.cursor, ["day", "id"]) : [];
  const rows = await tx.q
    .select()
    .from(annotation)
    .where(
      and(
        eq(annotation.orgId, tx.orgId),
        input.from ? gte(annotation.day, input.from) : undefined,
        input.to ? lte(annotation.day, input.to) : undefined,
        day && id
          ? or(lt(annotation.day, day), and(eq(annotation.day, day), lt(annotation.id, id)))
          : undefined,
      ),
    )
    .orderBy(desc(annotation.day), desc(annotation.id))
    .limit(input.limit + 1);
  return page(rows, input.limit, (row) => [row.day, row.id]);
}

/** @throws AppError NOT_FOUND */
export async function getAnnotation(tx: OrgTx, id: string): Promise<AnnotationRow> {
  const [found] = await tx.q.select().from(annotation).where(own(tx, id));
  if (!found) throw noSuchAnnotation();
  return found;
}

const own = (tx: OrgTx, id: string) => and(eq(annotation.orgId, tx.orgId), eq(annotation.id, id));
const tell = (tx: OrgTx, id: string) => recordEvent(tx, { topic: "annotations", keys: { id } });
const noSuchAnnotation = () => new AppError("NOT_FOUND", "There is no such annotation.");

export async function createAnnotation(
  tx: OrgTx,
  values: Values & { createdBy: string },
): Promise<AnnotationRow> {
  const [made] = await tx.q
    .insert(annotation)
    .values({ orgId: tx.orgId, id: newId(), ...values })
    .returning();
  await tell(tx, made!.id);
  return made!;
}

/** @throws AppError NOT_FOUND */
export async function updateAnnotation(
  tx: OrgTx,
  id: string,
  values: Partial<Values>,
): Promise<AnnotationRow> {
  const [changed] = await tx.q
    .update(annotation)
    .set({ ...values, updatedAt: sql`now()` })
    .where(own(tx, id))
    .returning();
  if (!changed) throw noSuchAnnotation();
  await tell(tx, id);
  return changed;
}

/** @throws AppError NOT_FOUND */
export async function deleteAnnotation(tx: OrgTx, id: string): Promise<AnnotationRow> {
  const [gone] = await tx.q.delete(annotation).where(own(tx, id)).returning();
  if (!gone) throw noSuchAnnotation();
  await tell(tx, id);
  return gone;
}
