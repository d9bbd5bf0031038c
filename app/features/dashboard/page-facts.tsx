import { Link } from "@remix-run/react";
import { formatDay, formatPeriod } from "#charts/format-dates.ts";
import { RestatedMark } from "../restatements/restated-mark.tsx";
import type { Restated } from "../restatements/restated-months.ts";

export interface Facts {
  currency: string;
  timezone: string;
  /** By name: `Jarvis policy v1`. */
  policy: string;
}

const box =
  "flex h-8 items-center gap-1.5 rounded-lg border border-line bg-surface px-3 text-sm text-ink-3 whitespace-nowrap max-sm:h-5 max-sm:border-0 max-sm:bg-transparent max-sm:px-0 max-sm:text-xs";

/** By which rules, in which currency and zone, and seen on which day the numbers hold. */
export const PageFacts = ({
  facts,
  asOf,
  restated = [],
}: {
  facts: Facts;
  asOf: string;
  /** Closed months that moved lately. */
  restated?: readonly Restated[];
}) => (
  <>
    <Link to="/settings/policy" className={`${box} hover:bg-hover`}>
      <span className="font-medium text-ink">{facts.policy}</span>
    </Link>
    <p className={box}>
      {facts.currency} · {facts.timezone} · as of{" "}
      <span className="tabular font-medium text-ink">{formatDay(asOf)}</span>
    </p>
    {restated[0] ? (
      <Link
        to={restated.length === 1 ? `/restatements?month=${restated[0].month}` : "/restatements"}
        data-restated={restated.length}
        className={`${box} hover:bg-hover`}
      >
        <RestatedMark />
        <span className="font-medium text-ink">
          {restated.length === 1 ? formatPeriod(restated[0].month) : `${restated.length} months`} restated
        </span>
        on {latest(restated)}
      </Link>
    ) : null}
  </>
);

/** When the last of them moved; they come newest month first. */
const latest = (restated: readonly Restated[]): string =>
  restated.reduce((last, one) => (one.at > last.at ? one : last)).on;

/** The same for files that leave the page. */
export const factsText = (facts: Facts, asOf: string): string =>
  `${facts.currency} · ${facts.timezone} · ${facts.policy} · as of ${formatDay(asOf)}`;
