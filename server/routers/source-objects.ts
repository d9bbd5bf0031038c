import {
  allBesideFilesOutput,
  besideFilesOutput,
  sourceObjectInput,
  sourceObjectOutput,
} from "#contracts/source-objects.ts";
import { sourceIdInput } from "#contracts/sources.ts";
import { listAllBesideFiles, listBesideFiles } from "#db/queries/beside-files.ts";
import { getSourceObject } from "#db/queries/source-evidence.ts";
import { getSource } from "#db/queries/sources.ts";
import { answer } from "../answer-cache.ts";
import { orgProcedure, router } from "../trpc.ts";

/** What connected systems said, object by object: where a number ends that came from no file. */
export const sourceObjectsRouter = router({
  get: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/sources/{id}/objects/{type}/{object_id}",
        tags: ["Sources"],
        summary: "An object as the vendor gave it last, and the subscriptions that were read from it",
      },
    })
    .input(sourceObjectInput)
    .output(sourceObjectOutput)
    .query(({ ctx, input: { id, type, object_id } }) =>
      ctx.inOrg((tx) => getSourceObject(tx, { sourceId: id, type, id: object_id }), { readOnly: true }),
    ),

  besideFiles: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/sources/{id}/beside-files",
        tags: ["Sources"],
        summary: "Customers whose MRR uploaded files tell of as well: both are added up",
      },
    })
    .input(sourceIdInput)
    .output(besideFilesOutput)
    .query(({ ctx, input: { id } }) =>
      ctx.inOrg(
        async (tx) => {
          await getSource(tx, id);
          return listBesideFiles(tx, id);
        },
        { readOnly: true },
      ),
    ),

  allBesideFiles: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/beside-files",
        tags: ["Sources"],
        summary: "Sources with customers whose MRR uploaded files tell of as well",
      },
    })
    .output(allBesideFilesOutput)
    .query(({ ctx }) =>
      answer(ctx, "besideFiles", {}, async (tx) => ({ items: await listAllBesideFiles(tx) })),
    ),
});
