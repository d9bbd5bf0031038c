import { done, idInput } from "#contracts/accounts.ts";
import {
  type Annotation,
  annotation,
  annotationsOutput,
  createAnnotationInput,
  listAnnotationsInput,
  updateAnnotationInput,
} from "#contracts/annotations.ts";
import {
  type AnnotationRow,
  createAnnotation,
  deleteAnnotation,
  getAnnotation,
  listAnnotations,
  updateAnnotation,
} from "#db/queries/annotations.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Annotations"];

const shape = (row: AnnotationRow): Annotation => ({
  id: row.id,
  day: row.day,
  title: row.title,
  text: row.body,
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
});

/** What charts mark on their time axis. */
export const annotationsRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/annotations", tags, summary: "Annotations, the latest day first" },
    })
    .input(listAnnotationsInput)
    .output(annotationsOutput)
    .query(async ({ ctx, input }) => {
      const found = await ctx.read((tx) => listAnnotations(tx, input));
      return { ...found, items: found.items.map(shape) };
    }),

  get: orgProcedure("data.read")
    .meta({ openapi: { method: "GET", path: "/annotations/{id}", tags, summary: "One annotation" } })
    .input(idInput)
    .output(annotation)
    .query(async ({ ctx, input }) => shape(await ctx.inOrg((tx) => getAnnotation(tx, input.id)))),

  create: orgProcedure("annotations.edit")
    .meta({
      status: 201,
      openapi: { method: "POST", path: "/annotations", tags, summary: "Note what happened on a day" },
    })
    .input(createAnnotationInput)
    .output(annotation)
    .mutation(({ ctx, input: { day, title, text } }) =>
      ctx.inOrg(async (tx) => {
        const values = { day, title, body: text ?? null, createdBy: ctx.principal.email };
        const made = await createAnnotation(tx, values);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "annotation.created",
          target: title,
          details: { id: made.id, day },
        });
        return shape(made);
      }),
    ),

  update: orgProcedure("annotations.edit")
    .meta({
      openapi: {
        method: "PATCH",
        path: "/annotations/{id}",
        tags,
        summary: "Change an annotation",
        description: "Only what is given changes.",
      },
    })
    .input(updateAnnotationInput)
    .output(annotation)
    .mutation(({ ctx, input: { id, text, ...values } }) =>
      ctx.inOrg(async (tx) => {
        const body = text === undefined ? {} : { body: text };
        const changed = await updateAnnotation(tx, id, { ...values, ...body });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "annotation.updated",
          target: changed.title,
          details: { id, day: changed.day },
        });
        return shape(changed);
      }),
    ),

  delete: orgProcedure("annotations.edit")
    .meta({ openapi: { method: "DELETE", path: "/annotations/{id}", tags, summary: "Delete an annotation" } })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const { title, day } = await deleteAnnotation(tx, input.id);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "annotation.deleted",
          target: title,
          details: { id: input.id, day },
        });
        return { ok: true };
      }),
    ),
});
