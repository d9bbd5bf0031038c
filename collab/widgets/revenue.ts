import { exact, formatDecimal, multiply, parseDecimal } from "#metrics/decimal.ts";

/**
 * MRR as the API gives it (rounded at twelve decimals) per year. Ten decimals: the rounding of a twelfth, times twelve, is gone, and
 * 166.666666666667 is 2000 again.
 */
export const yearly = (mrr: string): string => formatDecimal(multiply(parseDecimal(mrr), exact(12)), 10);

export const inMeasure = (mrr: string | null, measure: "arr" | "mrr"): string | null =>
  mrr === null || measure === "mrr" ? mrr : yearly(mrr);
