import { z } from "zod";
import { listInput } from "#contracts/accounts.ts";
import { day, money, pageOf } from "#contracts/lists.ts";
import { listFxRates, listSpend } from "#db/queries/reference-lists.ts";
import { orgProcedure, router } from "../trpc.ts";

const month = z.string().regex(/^\d{4}-\d{2}$/);
const source = { upload_id: z.uuid().nullable(), line: z.number().int().nullable() };

/** Lists of what stands beside the subscriptions: spend and exchange rates. */
export const referenceRouter = router({
  spend: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/spend", tags: ["Spend"], summary: "Spend, newest month first" },
    })
    .input(listInput)
    .output(
      pageOf(
        z.object({
          id: z.string(),
          month,
          category: z.string().nullable(),
          amount: money,
          currency: z.string(),
          ...source,
        }),
      ),
    )
    .query(({ ctx, input }) => ctx.inOrg((tx) => listSpend(tx, input))),

  fxRates: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/fx-rates",
        tags: ["Exchange rates"],
        summary: "Exchange rates, newest day first",
      },
    })
    .input(listInput)
    .output(
      pageOf(
        z.object({
          id: z.string(),
          date: day,
          from: z.string(),
          to: z.string(),
          rate: z.string(),
          ...source,
        }),
      ),
    )
    .query(({ ctx, input }) => ctx.inOrg((tx) => listFxRates(tx, input))),
});
