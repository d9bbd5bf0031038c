import type { SourceOutput } from "#contracts/sources.ts";
import { SourceCard } from "./source-card.tsx";

/** The connected billing systems, the oldest first. */
export const SourceList = ({ sources, now }: { sources: readonly SourceOutput[]; now: number }) => (
  <section aria-labelledby="connected" className="grid gap-3">
    <h2 id="connected" className="text-base font-semibold">
      Connected
    </h2>
    <ul className="grid gap-4 lg:grid-cols-2 2xl:grid-cols-3">
      {sources.map((source) => (
        <SourceCard key={source.id} source={source} now={now} />
      ))}
    </ul>
  </section>
);
