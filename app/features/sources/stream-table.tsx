import { Check } from "lucide-react";
import { formatCount } from "#charts/format.ts";
import type { SourceOutput, SourceStream } from "#contracts/sources.ts";
import { cx } from "../../components/class-names.ts";
import { Spinner } from "../../components/spinner.tsx";
import { Table, Td, Th } from "../../components/table.tsx";

type State = "now" | "done" | "waiting" | "forbidden" | "error";

function stateOf(stream: SourceStream, source: SourceOutput): State {
  if (stream.state === "forbidden") return "forbidden";
  if (stream.state === "error") return "error";
  if (stream.finished) return "done";
  return source.progress?.stream === stream.name && source.status === "backfilling" ? "now" : "waiting";
}

const words: Record<State, string> = {
  now: "Reading",
  done: "Read",
  waiting: "Waiting",
  forbidden: "The key may not read this",
  error: "Stopped",
};

/** What is read, one kind of objects after the other: how far, how many, and what is left out. */
export const StreamTable = ({ source }: { source: SourceOutput }) => (
  <Table label="What is read, in order" className="max-sm:[&_:is(td,th)]:px-2">
    <thead>
      <tr>
        <Th>Objects</Th>
        <Th>State</Th>
        <Th numeric>Read</Th>
        <Th numeric>Kept</Th>
      </tr>
    </thead>
    <tbody>
      {source.streams.map((stream) => {
        const state = stateOf(stream, source);
        return (
          <tr key={stream.name} data-stream={stream.name} data-state={state}>
            <Td className={cx("font-medium sm:whitespace-nowrap", state === "waiting" && "text-ink-3")}>
              {stream.label}
            </Td>
            <Td>
              <span
                className={cx(
                  "flex items-center gap-2",
                  state === "waiting" || state === "done" ? "text-ink-3" : "",
                  state === "error" && "text-negative",
                  state === "forbidden" && (stream.required ? "text-negative" : "text-warning"),
                )}
              >
                {state === "now" ? <Spinner className="size-3.5 text-accent" /> : null}
                {state === "done" ? <Check aria-hidden="true" className="size-4 text-positive" /> : null}
                {words[state]}
              </span>
              {stream.message && (state === "forbidden" || state === "error") ? (
                <span className="block text-xs text-ink-3 wrap-anywhere">{stream.message}</span>
              ) : null}
            </Td>
            <Td numeric className="text-ink-2">
              {stream.done > 0 || stream.finished ? formatCount(stream.done) : "–"}
            </Td>
            <Td numeric>{formatCount(source.counts[stream.name] ?? 0)}</Td>
          </tr>
        );
      })}
    </tbody>
  </Table>
);
