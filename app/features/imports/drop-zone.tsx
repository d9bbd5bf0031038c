import { FileUp, X } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { formatBytes, formatPercent } from "#charts/format.ts";
import { buttonClass, IconButton } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { cx } from "../../components/class-names.ts";
import { Progress } from "../../components/progress.tsx";
import { pastedFile } from "./pasted-file.ts";
import type { Sending } from "./use-uploads.ts";

/** Takes files by choosing, by dropping them anywhere on the page, and by pasting a table from a spreadsheet. */
export function DropZone({
  send,
  sending,
  drop,
}: {
  send: (files: readonly File[]) => Promise<void>;
  sending: readonly Sending[];
  drop: (key: number) => void;
}) {
  const id = useId();
  const [over, setOver] = useState(false);
  useWholePage(send, setOver);

  return (
    <div className="grid gap-3" id="upload">
      <label
        htmlFor={id}
        className={cx(
          "grid cursor-pointer justify-items-center gap-2 rounded-xl border border-dashed px-6 py-9 text-center transition-colors duration-100",
          "focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent",
          over ? "border-accent bg-accent-soft" : "border-line-control bg-surface hover:bg-sunken",
        )}
      >
        <span className="grid size-11 place-items-center rounded-xl border border-line bg-surface text-ink-2">
          <FileUp aria-hidden="true" className="size-5" />
        </span>
        <span className="text-lg font-semibold">{over ? "Let go to upload" : "Drop a CSV file here"}</span>
        <span className="max-w-md text-sm text-ink-2">
          Anywhere on this page will do. You can also paste rows that you copied from a spreadsheet.
        </span>
        <input
          id={id}
          type="file"
          multiple
          accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
          className="sr-only"
          aria-label="Choose a file to upload"
          onChange={(event) => {
            void send([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <span aria-hidden="true" className={buttonClass("primary", "md", "mt-1.5")}>
          Choose a file
        </span>
      </label>
      {sending.length > 0 ? (
        <ul className="grid gap-2" aria-label="Files on their way">
          {sending.map((one) => (
            <li key={one.key}>
              <SendingRow one={one} drop={drop} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

const SendingRow = ({ one, drop }: { one: Sending; drop: (key: number) => void }) =>
  one.refused ? (
    <Callout
      tone="negative"
      live
      title={`${one.name} was not taken`}
      actions={
        <button type="button" className={buttonClass("secondary", "sm")} onClick={() => drop(one.key)}>
          Dismiss
        </button>
      }
    >
      {one.refused}
    </Callout>
  ) : (
    <div className="grid gap-2 rounded-lg border border-line bg-surface px-4 py-3">
      <div className="flex items-center gap-3 text-sm">
        <span className="min-w-0 flex-1 truncate font-medium">{one.name}</span>
        <span className="tabular text-ink-3">
          {formatBytes(one.sent)} of {formatBytes(one.total)} ·{" "}
          {formatPercent(one.total > 0 ? one.sent / one.total : 0, { digits: 0 })}
        </span>
        <IconButton label={`Cancel the upload of ${one.name}`} size="sm" onClick={() => drop(one.key)}>
          <X aria-hidden="true" className="size-3.5" />
        </IconButton>
      </div>
      <Progress label={`Uploading ${one.name}`} value={one.sent} max={one.total} />
    </div>
  );

/** Dragging and pasting count wherever they happen on the page, except pasting into a field. */
function useWholePage(
  send: (files: readonly File[]) => Promise<void>,
  setOver: (over: boolean) => void,
): void {
  useEffect(() => {
    let depth = 0;
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (holdsFiles(event)) event.preventDefault();
    };
    const dropped = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      void send([...(event.dataTransfer?.files ?? [])]);
    };
    const pasted = (event: ClipboardEvent) => {
      if (
        event.target instanceof Element &&
        event.target.closest("input:not([type=file]), textarea, [contenteditable]")
      )
        return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = pastedFile(event.clipboardData?.getData("text/plain") ?? "");
      if (files.length > 0) void send(files);
      else if (text) void send([text]);
    };
    document.addEventListener("dragenter", enter);
    document.addEventListener("dragleave", leave);
    document.addEventListener("dragover", hover);
    document.addEventListener("drop", dropped);
    document.addEventListener("paste", pasted);
    return () => {
      document.removeEventListener("dragenter", enter);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("dragover", hover);
      document.removeEventListener("drop", dropped);
      document.removeEventListener("paste", pasted);
    };
  }, [send, setOver]);
}
