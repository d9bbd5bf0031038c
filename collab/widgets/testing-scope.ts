import { defaultPolicy } from "#metrics/policy.ts";
import type { PageScope } from "./scope.ts";

/** Tests only: what an unfiltered page looks at in the autumn of 2026. */
export const autumn: PageScope = {
  fromDay: "2026-09-01",
  toDay: "2026-11-22",
  grain: "month",
  asOf: null,
  today: "2026-11-22",
  calendar: { fiscalYearStart: 1, weekStart: 1 },
  policy: defaultPolicy,
  policyTitle: "Jarvis policy v1",
  filter: {},
};
