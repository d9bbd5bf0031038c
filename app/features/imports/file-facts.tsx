import { formatBytes, formatCount } from "#charts/format.ts";
import { formatDateTime } from "#charts/format-dates.ts";
import { kindLabels } from "#contracts/upload-kinds.ts";
import type { UploadOutput } from "#contracts/uploads.ts";
import { Card } from "../../components/card.tsx";
import { delimiterWords, encodingWords } from "./words.ts";

/** What the file is and how it was read. */
export function FileFacts({ upload, timezone }: { upload: UploadOutput; timezone: string }) {
  const { dialect } = upload;
  const facts: [string, string][] = [
    ["Kind", upload.kind ? kindLabels[upload.kind] : "Not known yet"],
    ["Size", formatBytes(upload.bytes)],
    ["Columns", formatCount(upload.columns.length)],
    ["Uploaded", formatDateTime(upload.created_at, timezone)],
  ];
  if (upload.finished_at) facts.push(["Finished", formatDateTime(upload.finished_at, timezone)]);
  if (dialect) {
    facts.push([
      "Encoding",
      `${encodingWords[dialect.encoding]}${dialect.encoding_guessed ? ", guessed" : ""}`,
    ]);
    facts.push(["Parted by", delimiterWords[dialect.delimiter] ?? dialect.delimiter]);
  }
  const mapped = Object.entries(upload.mapping ?? {}).filter(([, target]) => target !== null);
  return (
    <Card title="The file">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {mapped.length > 0 ? (
        <details className="group mt-4 border-t border-line pt-3 text-sm">
          <summary className="rounded font-medium text-accent">How its columns were understood</summary>
          <dl className="mt-3 grid gap-1.5">
            {mapped.map(([column, target]) => (
              <div key={column} className="flex items-baseline justify-between gap-4">
                <dt className="min-w-0 truncate" title={column}>
                  {column}
                </dt>
                <dd className="shrink-0 font-mono text-xs text-ink-3">{target}</dd>
              </div>
            ))}
          </dl>
        </details>
      ) : null}
    </Card>
  );
}
