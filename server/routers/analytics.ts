import { z } from "zod";
import {
  cohortsInput,
  cohortsOutput,
  compositionInput,
  compositionOutput,
  customerDetail,
  customersInput,
  customersOutput,
  filterOptionsOutput,
  metricsInput,
  metricsOutput,
  movementsInput,
  movementsOutput,
  spanOutput,
} from "#contracts/analytics.ts";
import { getCohorts } from "#db/queries/cohorts.ts";
import { getComposition } from "#db/queries/composition.ts";
import { getCustomer } from "#db/queries/customer.ts";
import { listCustomers } from "#db/queries/customers.ts";
import { findSpan, listFilterOptions } from "#db/queries/filter-options.ts";
import { getMetrics } from "#db/queries/metrics.ts";
import { listMovements } from "#db/queries/movements.ts";
import { answer } from "../answer-cache.ts";
import { compiled } from "../compiled.ts";
import { keepCounts } from "../kept-counts.ts";
import { orgProcedure, router } from "../trpc.ts";

const reader = orgProcedure("data.read");
const openapi = (path: `/${string}`, summary: string) => ({
  openapi: { method: "GET" as const, path, tags: ["Numbers"], summary, protect: true },
});

/** Every number of the organisation in view. Money is an exact decimal string, null has a reason. */
export const analyticsRouter = router({
  metrics: reader
    .meta(openapi("/metrics", "Metrics per period"))
    .input(metricsInput)
    .output(compiled(metricsOutput))
    .query(({ ctx, input }) => answer(ctx, "metrics", input, (tx, asked) => getMetrics(tx, asked))),

  movements: reader
    .meta(openapi("/movements", "What changed MRR, row by row"))
    .input(movementsInput)
    .output(compiled(movementsOutput))
    .query(({ ctx, input }) => answer(ctx, "movements", input, (tx, asked) => listMovements(tx, asked))),

  cohorts: reader
    .meta(openapi("/cohorts", "Retention by cohort"))
    .input(cohortsInput)
    .output(compiled(cohortsOutput))
    .query(({ ctx, input }) => answer(ctx, "cohorts", input, (tx, asked) => getCohorts(tx, asked))),

  composition: reader
    .meta(openapi("/composition", "What MRR is made of on a day"))
    .input(compositionInput)
    .output(compositionOutput)
    .query(({ ctx, input }) => answer(ctx, "composition", input, (tx, asked) => getComposition(tx, asked))),

  customers: reader
    .meta(openapi("/customers", "Customers with what they pay"))
    .input(customersInput)
    .output(compiled(customersOutput))
    .query(({ ctx, input }) => answer(ctx, "customers", input, (tx, asked) => listCustomers(tx, asked))),

  customer: reader
    .meta(openapi("/customers/{id}", "One customer"))
    .input(z.object({ id: z.string().max(32_768) }))
    .output(customerDetail)
    .query(({ ctx, input }) => ctx.inOrg((tx) => getCustomer(tx, input.id), { readOnly: true })),

  filterOptions: reader
    .meta(openapi("/filter-options", "What numbers can be filtered by"))
    .output(filterOptionsOutput)
    .query(({ ctx }) => answer(ctx, "filterOptions", null, (tx) => listFilterOptions(tx, keepCounts(ctx)))),

  /** What a page must know before it asks for numbers, without what its filters offer: for pages alone. */
  span: reader.output(spanOutput).query(({ ctx }) => ctx.read(findSpan)),
});
