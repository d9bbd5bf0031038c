import { z } from "zod";
import { defineWidget } from "./define.ts";
import type { QueryOf } from "./queries.ts";
import { inMeasure } from "./revenue.ts";
import { type PageScope, periodScope } from "./scope.ts";
import { ownScope, revenueMeasure } from "./settings.ts";

const settings = z.object({
  limit: z.number().int().min(1).max(100).default(10),
  measure: revenueMeasure,
  filters: ownScope.filters,
});

const query = (cfg: z.output<typeof settings>, page: PageScope): QueryOf<"customers"> => {
  const scope = periodScope(page, cfg);
  return { kind: "customers", limit: cfg.limit, asOf: scope.at, filter: scope.filter };
};

export const topCustomers = defineWidget({
  type: "top_customers",
  name: "Top customers",
  cfg: settings,
  queries: (cfg, page) => [query(cfg, page)],
  show(cfg, page, answered) {
    const answer = answered(query(cfg, page));
    const items = answer.items.filter(({ mrr }) => mrr === null || Number(mrr) > 0).slice(0, cfg.limit);
    return {
      title: "Top customers",
      subtitle: `by ${cfg.measure.toUpperCase()}, ${answer.currency}`,
      view:
        items.length === 0
          ? null
          : {
              type: "top_customers",
              measure: cfg.measure,
              asOf: answer.as_of,
              currency: answer.currency,
              total: answer.total,
              items: items.map((item) => ({
                customerId: item.customer_id,
                name: item.name,
                amount: inMeasure(item.mrr, cfg.measure),
                share: item.share,
                cumulativeShare: item.cumulative_share,
                change90d: item.change_90d,
                tenureMonths: item.tenure_months,
              })),
            },
    };
  },
});
