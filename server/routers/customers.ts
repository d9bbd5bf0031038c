import { mergeInput, mergeOutput, splitInput, splitOutput } from "#contracts/catalogue.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { mergeCustomers, splitCustomer } from "#db/queries/customer-merges.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Customers"];

/** Which customers are one. Their numbers are `analytics.customer`'s. */
export const customersRouter = router({
  merge: orgProcedure("customers.merge")
    .meta({
      openapi: {
        method: "POST",
        path: "/customers/{id}/merge",
        tags,
        summary: "Count a customer as another",
        description:
          "From now on the customer’s subscriptions, transactions and later imports count for the customer `into`; the cohort is the earliest first payment. Reversible by split.",
      },
    })
    .input(mergeInput)
    .output(mergeOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        const merged = await mergeCustomers(tx, {
          customer: input.id,
          into: input.into,
          actorId: actor.actorId,
        });
        await recordAudit(tx, {
          ...actor,
          action: "customer.merged",
          target: merged.customer_id,
          details: { into: merged.merged_into },
        });
        return merged;
      }),
    ),

  split: orgProcedure("customers.merge")
    .meta({
      openapi: {
        method: "POST",
        path: "/customers/{id}/split",
        tags,
        summary: "Count a merged customer as itself again",
        description: "Asked of a customer that others were merged into, it lets all of these go.",
      },
    })
    .input(splitInput)
    .output(splitOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        const found = await splitCustomer(tx, { customer: input.id, actorId: actor.actorId });
        for (const target of found.split)
          await recordAudit(tx, {
            ...actor,
            action: "customer.split",
            target,
            details: { from: found.from },
          });
        return found;
      }),
    ),
});
