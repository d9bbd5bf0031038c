import { z } from "zod";
import { filter, grain } from "#contracts/analytics.ts";

/** Settings that widget types share. `grain` and `filters` win over, or narrow, those of the page. */
export const ownScope = { grain: grain.optional(), filters: filter.optional() };
export const revenueMeasure = z.enum(["arr", "mrr"]).default("arr");
