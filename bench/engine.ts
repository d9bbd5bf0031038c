import { measureCohorts } from "./cohorts.ts";
import type { Figure } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { withLargeOrganisation } from "./large-organisation.ts";
import { measureRefresh } from "./refresh.ts";

/** `cohorts`, then `refresh`, of one organisation: a million customers take long to load. */
export const benchEngine = (options: BenchOptions): Promise<Figure[]> =>
  withLargeOrganisation(options, async (product, org, given) => [
    ...(await measureCohorts(product, org, given)),
    ...(await measureRefresh(product, org, given)),
  ]);
