import { z } from "zod";
import { formatDecimal, parseDecimal, sum } from "#metrics/decimal.ts";
import { defineWidget } from "./define.ts";
import type { QueryOf } from "./queries.ts";
import { inMeasure } from "./revenue.ts";
import { type PageScope, periodScope } from "./scope.ts";
import { ownScope, revenueMeasure } from "./settings.ts";

const names: Record<string, string> = {
  plan: "Plan",
  currency: "Currency",
  country: "Country",
  interval: "Billing interval",
  size: "Size",
  source: "Source",
};
export const dimensionName = (by: string): string => names[by] ?? by.replace(/^attr\./, "");

/** As many parts as a page carries; the rest is one more. */
const most = 60;

const settings = z.object({
  by: z
    .string()
    .max(220)
    .regex(/^(plan|currency|country|interval|size|source|attr\..+)$/s)
    .default("plan"),
  measure: revenueMeasure,
  filters: ownScope.filters,
});

const query = (cfg: z.output<typeof settings>, page: PageScope): QueryOf<"composition"> => {
  const scope = periodScope(page, cfg);
  return { kind: "composition", by: cfg.by, at: scope.at, filter: scope.filter };
};

export const composition = defineWidget({
  type: "composition",
  name: "Composition",
  cfg: settings,
  queries: (cfg, page) => [query(cfg, page)],
  show(cfg, page, answered) {
    const answer = answered(query(cfg, page));
    const amount = (mrr: string) => inMeasure(mrr, cfg.measure) ?? "0";
    const parts = answer.parts.map(({ key, mrr, share, customers }) => ({
      key,
      amount: amount(mrr),
      share,
      customers,
    }));
    const rest = parts.slice(most);
    const others = {
      count: rest.length,
      amount: formatDecimal(sum(rest.map((part) => parseDecimal(part.amount)))),
      share: rest.reduce((total, part) => total + (part.share ?? 0), 0),
      customers: rest.reduce((total, part) => total + part.customers, 0),
    };
    return {
      title: `${cfg.measure.toUpperCase()} by ${dimensionName(cfg.by).toLowerCase()}`,
      subtitle: answer.currency,
      view:
        parts.length === 0
          ? null
          : {
              type: "composition",
              by: cfg.by,
              byName: dimensionName(cfg.by),
              measure: cfg.measure,
              at: answer.at,
              currency: answer.currency,
              total: inMeasure(answer.total, cfg.measure),
              reason: answer.reason,
              parts: parts.slice(0, most),
              others: rest.length === 0 ? null : others,
            },
      reasons: [answer.reason],
    };
  },
});
