import { formatMoney } from "#charts/format.ts";
import { formatDay } from "#charts/format-dates.ts";
import { movementNames } from "#charts/movement-names.ts";
import { cssPalette } from "#charts/palette.ts";
import type { movementItem } from "#contracts/analytics.ts";
import { SourceLink } from "./source-link.tsx";

type Movement = (typeof movementItem)["_output"];

const causes: Record<string, string> = {
  moved: "moved between filters",
  free: "free from here on",
  involuntary: "payment failed",
};

/** What happened to a customer's MRR, newest first; each entry leads to the row that it came from. */
export const Timeline = ({ movements, currency }: { movements: readonly Movement[]; currency: string }) => (
  <ol className="relative grid gap-0 text-sm">
    {movements.map((movement, index) => (
      <li
        key={`${movement.date}${movement.kind}${movement.subscription_id ?? ""}`}
        className="relative grid grid-cols-[1.25rem_minmax(0,1fr)_auto] gap-x-3 pb-4 last:pb-0"
      >
        <span aria-hidden="true" className="relative flex justify-center">
          <span
            className="mt-1 size-3 rounded-full border-2 border-surface ring-1 ring-line"
            style={{ background: cssPalette.movements[movement.kind] }}
          />
          {index < movements.length - 1 ? <span className="absolute top-5 -bottom-5 w-px bg-line" /> : null}
        </span>
        <div className="min-w-0">
          <p className="font-medium">{movementNames[movement.kind]}</p>
          <p className="flex flex-wrap gap-x-2 text-xs text-ink-3">
            <time dateTime={movement.date}>{formatDay(movement.date)}</time>
            {movement.subscription_id ? <span className="truncate">{movement.subscription_id}</span> : null}
            {movement.cause ? <span>{causes[movement.cause] ?? movement.cause}</span> : null}
            <SourceLink source={movement.source} />
          </p>
        </div>
        <p className={`tabular text-right font-medium ${amountTone(movement)}`}>
          {formatMoney(movement.amount, currency, { signed: true, style: "cents" })}
        </p>
      </li>
    ))}
  </ol>
);

const amountTone = ({ kind, amount }: Movement): string =>
  kind === "fx" ? "text-ink-2" : amount.startsWith("-") ? "text-negative" : "text-positive";
