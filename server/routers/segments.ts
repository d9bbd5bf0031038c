import { done, idInput, listInput } from "#contracts/accounts.ts";
import type { SegmentColor } from "#contracts/segment-colors.ts";
import {
  createSegmentInput,
  type Segment,
  segment,
  segmentPreview,
  segmentPreviewInput,
  segmentsOutput,
  updateSegmentInput,
} from "#contracts/segments.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { previewSegment } from "#db/queries/segment-preview.ts";
import {
  createSegment,
  deleteSegment,
  getSegment,
  listSegments,
  type SegmentRow,
  updateSegment,
} from "#db/queries/segments.ts";
import { answer } from "../answer-cache.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Segments"];

const shape = (row: SegmentRow): Segment => ({
  id: row.id,
  name: row.name,
  color: row.color as SegmentColor | null,
  expression: row.expression,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
});

/** Saved filters: `filter.segment=ID` wherever numbers are filtered. */
export const segmentsRouter = router({
  list: orgProcedure("data.read")
    .meta({ openapi: { method: "GET", path: "/segments", tags, summary: "Segments, the oldest first" } })
    .input(listInput)
    .output(segmentsOutput)
    .query(async ({ ctx, input }) => {
      const found = await ctx.read((tx) => listSegments(tx, input));
      return { ...found, items: found.items.map(shape) };
    }),

  get: orgProcedure("data.read")
    .meta({ openapi: { method: "GET", path: "/segments/{id}", tags, summary: "One segment" } })
    .input(idInput)
    .output(segment)
    .query(async ({ ctx, input }) => shape(await ctx.inOrg((tx) => getSegment(tx, input.id)))),

  /** Asked with a body, for expressions are longer than addresses may be. It changes nothing. */
  preview: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "POST",
        path: "/segments/preview",
        tags,
        summary: "Who matches an expression today, and what they pay",
      },
    })
    .input(segmentPreviewInput)
    .output(segmentPreview)
    .query(({ ctx, input }) =>
      answer(ctx, "segmentPreview", input, (tx) => previewSegment(tx, input.expression)),
    ),

  create: orgProcedure("segments.edit")
    .meta({
      status: 201,
      openapi: { method: "POST", path: "/segments", tags, summary: "Save a segment" },
    })
    .input(createSegmentInput)
    .output(segment)
    .mutation(({ ctx, input: { name, color, expression } }) =>
      ctx.inOrg(async (tx) => {
        const made = await createSegment(tx, { name, color: color ?? null, expression });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "segment.created",
          target: name,
          details: { id: made.id },
        });
        return shape(made);
      }),
    ),

  update: orgProcedure("segments.edit")
    .meta({
      openapi: {
        method: "PATCH",
        path: "/segments/{id}",
        tags,
        summary: "Change a segment",
        description: "Only what is given changes. Everything that filters by it follows at once.",
      },
    })
    .input(updateSegmentInput)
    .output(segment)
    .mutation(({ ctx, input: { id, ...values } }) =>
      ctx.inOrg(async (tx) => {
        const changed = await updateSegment(tx, id, values);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "segment.updated",
          target: changed.name,
          details: { id, changed: Object.keys(values) },
        });
        return shape(changed);
      }),
    ),

  delete: orgProcedure("segments.edit")
    .meta({ openapi: { method: "DELETE", path: "/segments/{id}", tags, summary: "Delete a segment" } })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const name = await deleteSegment(tx, input.id);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "segment.deleted",
          target: name,
          details: { id: input.id },
        });
        return { ok: true };
      }),
    ),
});
