import { explainInput, explainOutput, rawLineInput, rawLineOutput } from "#contracts/explain.ts";
import { getExplanation } from "#db/queries/explain.ts";
import { getRawLine } from "#db/queries/raw-line.ts";
import { AppError } from "#root/errors.ts";
import { answer } from "../answer-cache.ts";
import { orgProcedure, router } from "../trpc.ts";

const reader = orgProcedure("data.read");

/** From a number to the rows it came from, and from a row to the line of its file. */
export const explainRouter = router({
  number: reader
    .meta({
      openapi: {
        method: "GET",
        path: "/explain",
        tags: ["Numbers"],
        summary: "What a number is made of, down to the rows of the files",
        description:
          "`metric=mrr&period=2026-03`, a cohort cell (`metric=cohort&cohort=2024-01&k=3&measure=mrr_net`), or a composition (`metric=composition&by=plan&key=Pro&at=2026-03-31`; `not_set=true` for the part without a value). Filters and `as_of` as everywhere. The sums of the listed movements over all pages are the parts of the formula.",
        protect: true,
      },
    })
    .input(explainInput)
    .output(explainOutput)
    .query(({ ctx, input }) => answer(ctx, "explain", input, (tx, asked) => getExplanation(tx, asked))),

  line: reader
    .meta({
      openapi: {
        method: "GET",
        path: "/uploads/{id}/lines/{line}",
        tags: ["Uploads"],
        summary: "One line of an uploaded file, as it was given",
        protect: true,
      },
    })
    .input(rawLineInput)
    .output(rawLineOutput)
    .query(({ ctx, input }) =>
      ctx.inOrg(
        async (tx) => {
          const line = await getRawLine(tx, input.id, input.line);
          if (line) return line;
          throw new AppError("NOT_FOUND", "No row begins on this line of the file.");
        },
        { readOnly: true },
      ),
    ),
});
