import { Link } from "@remix-run/react";
import { Check, CircleAlert, Minus } from "lucide-react";
import { formatCounted } from "#charts/format.ts";
import type { ProbeSourceOutput } from "#contracts/sources.ts";
import { Callout } from "../../components/callout.tsx";
import { ModeBadge } from "./source-badges.tsx";

/** Whether the numbers can be made of what a key may read. */
export const mayConnect = ({ streams }: Pick<ProbeSourceOutput, "streams">): boolean =>
  streams.every(({ required, state }) => !required || state === "ok");

/** What a key may read, stream by stream, in words. */
export function ProbeResult({ probe }: { probe: ProbeSourceOutput }) {
  const { account, livemode, streams, duplicate_of: duplicate } = probe;
  const missing = streams.filter(({ required, state }) => required && state !== "ok");
  const left = streams.filter(({ required, state }) => !required && state !== "ok");
  return (
    <section aria-label="What this key may read" className="grid gap-4">
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <p>
          This key belongs to <span className="font-semibold">{account.name ?? account.id}</span>
          {account.name ? <span className="text-ink-3"> ({account.id})</span> : null}
        </p>
        <ModeBadge livemode={livemode} />
      </div>
      {livemode ? null : (
        <Callout title="This is a key of test mode">
          Its customers and payments are made up. Connect it to try things; for your real numbers make the key
          with test mode switched off.
        </Callout>
      )}
      {duplicate ? (
        <Callout tone="warning" title="This account is connected already">
          In the same mode it can be connected once.{" "}
          <Link className="link" to={`/sources/${duplicate}`}>
            Open the source
          </Link>{" "}
          to give it another key.
        </Callout>
      ) : null}
      <ul className="grid gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-2">
        {streams.map(({ name, label, state, message, required }) => (
          <li
            key={name}
            className="flex items-start gap-2.5 bg-surface px-3.5 py-2.5 text-sm sm:last:odd:col-span-2"
          >
            {state === "ok" ? (
              <Check aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-positive" />
            ) : required ? (
              <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-negative" />
            ) : (
              <Minus aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-warning" />
            )}
            <span className="grid min-w-0">
              <span>
                <span className="font-medium">{label}</span>
                <span className="text-ink-3">
                  {state === "ok" ? ": readable" : required ? ": not readable, but needed" : ": not readable"}
                </span>
              </span>
              {state === "ok" ? null : <span className="text-xs text-ink-2 wrap-anywhere">{message}</span>}
            </span>
          </li>
        ))}
      </ul>
      {missing.length > 0 ? (
        <Callout tone="negative" live title={`${formatCounted(missing.length, "permission")} missing`}>
          Without {missing.map(({ label }) => label.toLowerCase()).join(", ")} there are no numbers. Edit the
          key in Stripe, tick “Read” there, and check it again: it stays the same key.
        </Callout>
      ) : left.length > 0 ? (
        <p className="text-sm text-ink-2">
          You can connect. Left out: {left.map(({ label }) => label.toLowerCase()).join(", ")}. Whatever you
          tick later is read from then on.
        </p>
      ) : (
        <p role="status" className="text-sm text-positive">
          Everything that is needed can be read.
        </p>
      )}
    </section>
  );
}
