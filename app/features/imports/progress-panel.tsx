import { Form } from "@remix-run/react";
import { Check } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { formatCount, formatCounted } from "#charts/format.ts";
import { formatDuration } from "#charts/format-dates.ts";
import type { UploadOutput } from "#contracts/uploads.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { cx } from "../../components/class-names.ts";
import { Progress } from "../../components/progress.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { importPhases, phaseWords } from "./words.ts";

/** What an import is doing right now: phase, counts, speed, what was rejected; and the way to stop it. */
export function ProgressPanel({ upload, mayCancel }: { upload: UploadOutput; mayCancel: boolean }) {
  const { rows, phase, status } = upload;
  const speed = useSpeed(rows.read);
  const counting = phase === "reading" || phase === "checking" || phase === null;
  const left =
    counting && speed && rows.total && rows.total > rows.read ? (rows.total - rows.read) / speed : null;
  const text =
    rows.total === null
      ? formatCounted(rows.read, "row")
      : `${formatCount(rows.read)} of ${formatCounted(rows.total, "row")}`;
  return (
    <Card
      title={status === "queued" ? "Waiting for its turn" : phase ? phaseWords[phase] : "Getting ready"}
      subtitle={left !== null ? `about ${formatDuration(left)} left` : undefined}
      actions={
        mayCancel && phase !== "undoing" ? (
          <Form method="post">
            <Button type="submit" name="intent" value="cancel" size="sm">
              Cancel import
            </Button>
          </Form>
        ) : null
      }
    >
      <div className="grid gap-5">
        <Progress
          label="Import"
          value={counting && rows.read > 0 ? rows.read : null}
          max={rows.total}
          text={text}
        />
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Figure name="Rows read" value={text} />
          <Figure name="Rows per second" value={speed ? formatCount(Math.round(speed)) : "–"} />
          <Figure name="Imported" value={formatCount(rows.imported)} />
          <Figure name="Rejected" value={formatCount(rows.rejected)} bad={rows.rejected > 0} />
        </dl>
        {phase === "undoing" ? null : <Phases upload={upload} />}
        <p className="text-xs text-ink-3">You can leave this page; the import goes on without it.</p>
      </div>
      <p role="status" className="sr-only">
        {phase ? phaseWords[phase] : "Waiting"}
      </p>
    </Card>
  );
}

const Figure = ({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) => (
  <div className="grid gap-0.5">
    <dt className="text-xs text-ink-3">{name}</dt>
    <dd className={cx("tabular text-base font-semibold", bad && "text-negative")}>{value}</dd>
  </div>
);

function Phases({ upload }: { upload: UploadOutput }) {
  const at = upload.phase === null || upload.phase === "undoing" ? -1 : importPhases.indexOf(upload.phase);
  return (
    <ol className="grid gap-1.5 text-sm">
      {importPhases.map((phase, index) => {
        const state = at < 0 || index > at ? "later" : index < at ? "done" : "now";
        return (
          <li
            key={phase}
            aria-current={state === "now" ? "step" : undefined}
            className={cx(
              "flex items-center gap-2.5",
              state === "now" ? "font-medium text-ink" : "text-ink-3",
            )}
          >
            <span className="grid size-4 place-items-center">
              {state === "now" ? (
                <Spinner className="size-3.5 text-accent" />
              ) : state === "done" ? (
                <Check aria-hidden="true" className="size-4 text-positive" />
              ) : (
                <span className="size-1.5 rounded-full bg-line-strong" />
              )}
            </span>
            {phaseWords[phase]}
            {state === "done" ? <span className="sr-only">, done</span> : null}
          </li>
        );
      })}
    </ol>
  );
}

/** Rows per second, smoothed over the last answers; null until two have come. */
function useSpeed(read: number): number | null {
  const last = useRef<{ at: number; read: number } | null>(null);
  const [speed, setSpeed] = useState<number | null>(null);
  useEffect(() => {
    const now = performance.now();
    const before = last.current;
    last.current = { at: now, read };
    if (!before || read <= before.read) return;
    const current = ((read - before.read) * 1000) / (now - before.at);
    setSpeed((known) => (known === null ? current : known * 0.6 + current * 0.4));
  }, [read]);
  return speed;
}
