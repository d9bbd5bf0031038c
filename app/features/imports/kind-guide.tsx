import { Download } from "lucide-react";
import { columnsOf, kindLabels, uploadKinds } from "#contracts/upload-kinds.ts";
import { kindHelp } from "./words.ts";

/** What may be uploaded: each kind, the columns it must have, and an example to start from. */
export const KindGuide = () => (
  <ul className="grid gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-2 xl:grid-cols-3">
    {uploadKinds.map((kind) => (
      <li key={kind} className="grid content-start gap-2 bg-surface p-4">
        <h3 className="text-sm font-semibold">{kindLabels[kind]}</h3>
        <p className="text-sm text-ink-2">{kindHelp[kind]}</p>
        <p className="flex flex-wrap gap-1">
          <span className="sr-only">Needed columns: </span>
          {columnsOf(kind)
            .filter(({ required }) => required)
            .map(({ name, help }) => (
              <code
                key={name}
                title={help}
                className="rounded bg-sunken px-1.5 py-0.5 font-mono text-2xs text-ink-2"
              >
                {name}
              </code>
            ))}
        </p>
        <a
          href={`/examples/${kind}.csv`}
          download
          className="inline-flex items-center gap-1.5 justify-self-start rounded text-xs font-medium text-accent hover:underline"
        >
          <Download aria-hidden="true" className="size-3.5" />
          Example file<span className="sr-only"> for {kindLabels[kind]}</span>
        </a>
      </li>
    ))}
  </ul>
);
