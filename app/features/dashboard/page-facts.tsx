import { Link } from "@remix-run/react";
import { formatDay } from "#charts/format-dates.ts";
import { presetWords } from "#contracts/policy-words.ts";
import type { PolicyPreset } from "#metrics/policy.ts";

export interface Facts {
  currency: string;
  timezone: string;
  preset: PolicyPreset;
}

const box =
  "flex h-8 items-center gap-1.5 rounded-lg border border-line bg-surface px-3 text-sm text-ink-3 whitespace-nowrap max-sm:h-5 max-sm:border-0 max-sm:bg-transparent max-sm:px-0 max-sm:text-xs";

/** By which rules, in which currency and zone, and seen on which day the numbers hold. */
export const PageFacts = ({ facts, asOf }: { facts: Facts; asOf: string }) => (
  <>
    <Link to="/settings/organisation" className={`${box} hover:bg-hover`}>
      Policy <span className="font-medium text-ink">{presetWords[facts.preset]}</span>
    </Link>
    <p className={box}>
      {facts.currency} · {facts.timezone} · as of{" "}
      <span className="tabular font-medium text-ink">{formatDay(asOf)}</span>
    </p>
  </>
);

/** The same for files that leave the page. */
export const factsText = (facts: Facts, asOf: string): string =>
  `${facts.currency} · ${facts.timezone} · policy ${presetWords[facts.preset]} · as of ${formatDay(asOf)}`;
