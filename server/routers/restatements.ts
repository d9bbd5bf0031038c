import { restatementReason, restatementSentence } from "#charts/restatement-words.ts";
import {
  restatedMonthsInput,
  restatedMonthsOutput,
  restatementEventsOutput,
  restatementsInput,
  restatementsOutput,
} from "#contracts/restatements.ts";
import { listRestatedMonths, listRestatementChanges, listRestatements } from "#db/queries/restatements.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Restatements"];
const counted = (rows: string | null) => (rows === null ? null : Number(rows));

/** What imports, undos, merges and settings did to months that were already closed. */
export const restatementsRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/restatements",
        tags,
        summary: "Which closed months moved, by how much and why, newest first",
      },
    })
    .input(restatementsInput)
    .output(restatementsOutput)
    .query(async ({ ctx, input }) => {
      const { items, next } = await ctx.inOrg((tx) => listRestatements(tx, input));
      return { items: items.map((row) => ({ ...row, rows: counted(row.rows) })), next };
    }),

  events: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/restatements/events",
        tags,
        summary: "The same by change: each with its cause in words and all the months that it moved",
      },
    })
    .input(restatementsInput)
    .output(restatementEventsOutput)
    .query(async ({ ctx, input }) => {
      const { items, next } = await ctx.inOrg((tx) => listRestatementChanges(tx, input));
      const events = items.map((row) => {
        const comparable = row.currency === row.before_currency;
        const event = {
          ...row,
          rows: counted(row.rows),
          total: comparable ? row.total : null,
          months: row.months.map((month) => ({ ...month, change: comparable ? month.change : null })),
        };
        return { ...event, reason: restatementReason(event), summary: restatementSentence(event) };
      });
      return { items: events, next };
    }),

  months: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/restatements/months",
        tags,
        summary: "What became of each month that ever moved, all changes taken together",
      },
    })
    .input(restatedMonthsInput)
    .output(restatedMonthsOutput)
    .query(({ ctx, input }) => ctx.read((tx) => listRestatedMonths(tx, input.days ?? null))),
});
