import { done, listInput } from "#contracts/accounts.ts";
import {
  createFxRateInput,
  createSpendInput,
  fxRateItem,
  fxRatesOutput,
  rowId,
  spendItem,
  spendOutput,
  updateFxRateInput,
  updateSpendInput,
} from "#contracts/catalogue.ts";
import type { OrgTx } from "#db/database.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { createFxRate, deleteFxRate, updateFxRate } from "#db/queries/fx-rates.ts";
import { type FxRateRow, listFxRates, listSpend, type SpendRow } from "#db/queries/reference-lists.ts";
import { createSpend, deleteSpend, updateSpend } from "#db/queries/spend.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const spendTags = ["Spend"];
const rateTags = ["Exchange rates"];
type Verb = "created" | "updated" | "deleted";
type Actor = ReturnType<typeof actorOf>;

const auditRate = (tx: OrgTx, actor: Actor, verb: Verb, { id, date, from, to, rate }: FxRateRow) =>
  recordAudit(tx, {
    ...actor,
    action: `fx_rate.${verb}`,
    target: `${from} → ${to} ${date}`,
    details: { id, date, from, to, rate },
  });
const auditSpend = (
  tx: OrgTx,
  actor: Actor,
  verb: Verb,
  { id, month, category, amount, currency }: SpendRow,
) =>
  recordAudit(tx, {
    ...actor,
    action: `spend.${verb}`,
    target: month,
    details: { id, month, category, amount, currency },
  });

/** What stands beside the subscriptions, uploaded or written by hand: spend and exchange rates. */
export const referenceRouter = router({
  spend: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/spend", tags: spendTags, summary: "Spend, newest month first" },
    })
    .input(listInput)
    .output(spendOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => listSpend(tx, input))),

  createSpend: orgProcedure("finance.edit")
    .meta({
      status: 201,
      openapi: { method: "POST", path: "/spend", tags: spendTags, summary: "Add spend of a month" },
    })
    .input(createSpendInput)
    .output(spendItem)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const row = await createSpend(tx, input);
        await auditSpend(tx, actorOf(ctx), "created", row);
        return row;
      }),
    ),

  updateSpend: orgProcedure("finance.edit")
    .meta({
      openapi: { method: "PATCH", path: "/spend/{id}", tags: spendTags, summary: "Change spend by hand" },
    })
    .input(updateSpendInput)
    .output(spendItem)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const row = await updateSpend(tx, input);
        await auditSpend(tx, actorOf(ctx), "updated", row);
        return row;
      }),
    ),

  deleteSpend: orgProcedure("finance.edit")
    .meta({
      openapi: { method: "DELETE", path: "/spend/{id}", tags: spendTags, summary: "Delete spend by hand" },
    })
    .input(rowId)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        await auditSpend(tx, actorOf(ctx), "deleted", await deleteSpend(tx, input.id));
        return { ok: true };
      }),
    ),

  fxRates: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/fx-rates",
        tags: rateTags,
        summary: "Exchange rates, newest day first",
      },
    })
    .input(listInput)
    .output(fxRatesOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => listFxRates(tx, input))),

  createFxRate: orgProcedure("finance.edit")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/fx-rates",
        tags: rateTags,
        summary: "Add an exchange rate",
        description:
          "`rate`: major units of `to` for one of `from`, in force from `date` until the next. It wins over an uploaded rate of the same day, and restates history.",
      },
    })
    .input(createFxRateInput)
    .output(fxRateItem)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        const row = await createFxRate(tx, { input, actorId: actor.actorId });
        await auditRate(tx, actor, "created", row);
        return row;
      }),
    ),

  updateFxRate: orgProcedure("finance.edit")
    .meta({
      openapi: {
        method: "PATCH",
        path: "/fx-rates/{id}",
        tags: rateTags,
        summary: "Change an exchange rate that was added by hand",
      },
    })
    .input(updateFxRateInput)
    .output(fxRateItem)
    .mutation(({ ctx, input: { id, ...input } }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        const row = await updateFxRate(tx, { id, input, actorId: actor.actorId });
        await auditRate(tx, actor, "updated", row);
        return row;
      }),
    ),

  deleteFxRate: orgProcedure("finance.edit")
    .meta({
      openapi: {
        method: "DELETE",
        path: "/fx-rates/{id}",
        tags: rateTags,
        summary: "Delete an exchange rate that was added by hand",
      },
    })
    .input(rowId)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = actorOf(ctx);
        await auditRate(tx, actor, "deleted", await deleteFxRate(tx, { ...input, actorId: actor.actorId }));
        return { ok: true };
      }),
    ),
});
