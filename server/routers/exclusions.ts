import { done, idInput } from "#contracts/accounts.ts";
import {
  createExclusionInput,
  exclusionItem,
  exclusionsInput,
  exclusionsOutput,
} from "#contracts/catalogue.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { createExclusion, deleteExclusion, listExclusions } from "#db/queries/exclusions.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Exclusions"];

/** Test and internal customers, plans and subscriptions: they leave every number and are listed here. */
export const exclusionsRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/exclusions", tags, summary: "What counts in no number, and why" },
    })
    .input(exclusionsInput)
    .output(exclusionsOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => listExclusions(tx, input), { readOnly: true })),

  create: orgProcedure("data.exclude")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/exclusions",
        tags,
        summary: "Exclude a customer, a plan or a subscription",
        description:
          "`id` is the customer’s id as uploaded, the plan’s name or the subscription’s id. It stays out through later imports. Where thousands of customers have it, the numbers follow in the background.",
      },
    })
    .input(createExclusionInput)
    .output(exclusionItem)
    .mutation(({ ctx, input: { kind, id, reason } }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        const made = await createExclusion(tx, { kind, target: id, reason, actorId: actor.actorId });
        await recordAudit(tx, {
          ...actor,
          action: "exclusion.created",
          target: `${kind} ${id}`,
          details: { kind, id, reason },
        });
        return made;
      }),
    ),

  delete: orgProcedure("data.exclude")
    .meta({ openapi: { method: "DELETE", path: "/exclusions/{id}", tags, summary: "Count it again" } })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        const { kind, target_id, reason } = await deleteExclusion(tx, { ...input, actorId: actor.actorId });
        await recordAudit(tx, {
          ...actor,
          action: "exclusion.deleted",
          target: `${kind} ${target_id}`,
          details: { kind, id: target_id, reason },
        });
        return { ok: true };
      }),
    ),
});
