import { done, listInput } from "#contracts/accounts.ts";
import { financeItem, financeMonthInput, financeOutput, putFinanceInput } from "#contracts/catalogue.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { deleteFinance, listFinance, putFinance } from "#db/queries/finance.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Finance"];

/** What finance knows of each month: revenue, operating profit, net burn, gross margin. */
export const financeRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/finance", tags, summary: "Finance inputs, newest month first" },
    })
    .input(listInput)
    .output(financeOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => listFinance(tx, input), { readOnly: true })),

  put: orgProcedure("finance.edit")
    .meta({
      openapi: {
        method: "PUT",
        path: "/finance/{month}",
        tags,
        summary: "Give what finance knows of a month",
        description:
          "Replaces the month: what is left out or null is not given. Revenue and operating profit make the rule of 40, net burn the burn multiple. The newest gross margin (a share: 0.8 is 80 %) goes into LTV, LTV:CAC and CAC payback.",
      },
    })
    .input(putFinanceInput)
    .output(financeItem)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        const item = await putFinance(tx, { input, actorId: actor.actorId });
        await recordAudit(tx, { ...actor, action: "finance.updated", target: item.month, details: item });
        return item;
      }),
    ),

  delete: orgProcedure("finance.edit")
    .meta({
      openapi: { method: "DELETE", path: "/finance/{month}", tags, summary: "Take a month’s inputs away" },
    })
    .input(financeMonthInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const item = await deleteFinance(tx, input.month);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "finance.deleted",
          target: item.month,
          details: item,
        });
        return { ok: true };
      }),
    ),
});
