import type { SourceOutput } from "#contracts/sources.ts";
import { Badge } from "../../components/badge.tsx";
import { statusWords } from "./source-words.ts";

export const SourceStatusBadge = ({ source }: { source: Pick<SourceOutput, "status"> }) => {
  const { label, tone } = statusWords[source.status];
  return (
    <span data-source-status={source.status} className="contents">
      <Badge tone={tone} dot>
        {label}
      </Badge>
    </span>
  );
};

/** Test data must not be taken for the real thing: it is always said. */
export const ModeBadge = ({ livemode }: { livemode: boolean | null }) =>
  livemode === null ? null : livemode ? <Badge>Live mode</Badge> : <Badge tone="warning">Test mode</Badge>;
