import { sourceObjectInput, sourceObjectOutput } from "#contracts/source-objects.ts";
import { getSourceObject } from "#db/queries/source-evidence.ts";
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
});
