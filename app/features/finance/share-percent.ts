import { type Decimal, divide, exact, formatDecimal, multiply, parseDecimal } from "#metrics/decimal.ts";

const isDecimal = (text: string): boolean => /^-?\d{1,20}(\.\d{1,10})?$/.test(text);

/** `80` → `0.8`. What is no number stays as it is, for whoever checks it to say so. */
export const sharePercent = (percent: string): Decimal =>
  isDecimal(percent) ? formatDecimal(divide(parseDecimal(percent), exact(100))) : percent;

/** `0.8` → `80` */
export const percentOfShare = (share: Decimal): string =>
  formatDecimal(multiply(parseDecimal(share), exact(100)));
