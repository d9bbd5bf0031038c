import { Form } from "@remix-run/react";
import { Pause } from "lucide-react";
import { formatCounted } from "#charts/format.ts";
import type { SourceOutput } from "#contracts/sources.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Progress } from "../../components/progress.tsx";
import { kindLabels, progressWords, readSoFar } from "./source-words.ts";

/** Where reading the history is. It needs nobody to watch it. */
export function ProgressCard({ source, mayManage }: { source: SourceOutput; mayManage: boolean }) {
  const { done, of } = readSoFar(source);
  const text = progressWords(source);
  const kept = Object.values(source.counts).reduce((sum, count) => sum + count, 0);
  return (
    <Card
      title={source.status === "connecting" ? "Getting ready" : "Importing history"}
      subtitle={of > 0 ? `${done} of ${formatCounted(of, "kind")} of objects` : undefined}
      actions={
        mayManage ? (
          <Form method="post" preventScrollReset className="flex items-center gap-3">
            <a href="#disconnect" className="text-xs font-medium text-ink-2 hover:underline">
              Cancel
            </a>
            <Button
              type="submit"
              name="intent"
              value="pause"
              size="sm"
              icon={<Pause aria-hidden="true" className="size-3.5" />}
            >
              Pause
            </Button>
          </Form>
        ) : null
      }
    >
      <div className="grid gap-3">
        <Progress label="Import" value={done > 0 ? done : null} max={of || null} text={text} />
        <p className="tabular flex flex-wrap justify-between gap-x-4 gap-y-1 text-sm">
          <span>{text}</span>
          <span className="text-ink-3">{formatCounted(kept, "object")} kept</span>
        </p>
        <p className="text-xs text-ink-3">
          You can leave this page, and pause at any time: reading goes on where it was, and nothing is read
          twice. New events of {kindLabels[source.kind]} are caught up with afterwards.
        </p>
      </div>
      <p role="status" className="sr-only">
        {source.progress ? `Reading ${source.progress.stream}` : text}
      </p>
    </Card>
  );
}
