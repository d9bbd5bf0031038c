import {
  importInput,
  previewOutput,
  uploadErrorsInput,
  uploadErrorsOutput,
  uploadIdInput,
  uploadOutput,
  uploadsInput,
  uploadsOutput,
} from "#contracts/uploads.ts";
import { recordAudit } from "#db/queries/audit.ts";
import {
  cancelUpload,
  getUpload,
  getUploadRow,
  listUploadErrors,
  listUploads,
  requestImport,
  requestUndo,
} from "#db/queries/uploads.ts";
import { uploadFingerprint } from "#db/receive-upload.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Uploads"];

/** Uploads after they arrived; POST /uploads itself is server/upload-route.ts. */
export const uploadsRouter = router({
  list: orgProcedure("data.read")
    .meta({ openapi: { method: "GET", path: "/uploads", tags, summary: "Uploads, newest first" } })
    .input(uploadsInput)
    .output(uploadsOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => listUploads(tx, input))),

  get: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/uploads/{id}",
        tags,
        summary: "One upload: its status, what the file is, how far it came",
      },
    })
    .input(uploadIdInput)
    .output(uploadOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => getUpload(tx, input.id))),

  preview: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/uploads/{id}/preview",
        tags,
        summary: "The first 200 rows as parsed",
      },
    })
    .input(uploadIdInput)
    .output(previewOutput)
    .query(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const row = await getUploadRow(tx, input.id);
        return { header: row.header ?? [], rows: row.preview ?? [] };
      }),
    ),

  errors: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/uploads/{id}/errors",
        tags,
        summary: "Rejected rows, in the order of the file",
      },
    })
    .input(uploadErrorsInput)
    .output(uploadErrorsOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => listUploadErrors(tx, input))),

  import: orgProcedure("data.import")
    .meta({
      status: 202,
      openapi: {
        method: "POST",
        path: "/uploads/{id}/import",
        tags,
        summary: "Import a received file with this kind, mapping and options",
        description: "After needs_mapping, a dry run, a failure, a cancel or an undo.",
      },
    })
    .input(importInput)
    .output(uploadOutput)
    .mutation(({ ctx, input: { id, ...request } }) =>
      ctx.inOrg(async (tx) => {
        const upload = await requestImport(
          tx,
          id,
          request,
          (sha256) => uploadFingerprint(sha256, { request, dryRun: false }),
          ctx.principal.userId,
        );
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "upload.imported",
          target: upload.file_name,
          details: { id, kind: request.kind ?? null },
        });
        return upload;
      }),
    ),

  cancel: orgProcedure("data.import")
    .meta({
      openapi: {
        method: "POST",
        path: "/uploads/{id}/cancel",
        tags,
        summary: "Stop an upload; nothing of it stays",
      },
    })
    .input(uploadIdInput)
    .output(uploadOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const upload = await cancelUpload(tx, input.id);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "upload.cancelled",
          target: upload.file_name,
          details: { id: input.id },
        });
        return upload;
      }),
    ),

  undo: orgProcedure("data.import")
    .meta({
      status: 202,
      openapi: {
        method: "DELETE",
        path: "/uploads/{id}",
        tags,
        summary: "Undo an import",
        description: "In the background: the status becomes undone. What it had replaced counts again.",
      },
    })
    .input(uploadIdInput)
    .output(uploadOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const upload = await requestUndo(tx, input.id, ctx.principal.userId);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "upload.undone",
          target: upload.file_name,
          details: { id: input.id },
        });
        return upload;
      }),
    ),
});
