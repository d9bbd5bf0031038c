import type { SourceOutput } from "#contracts/sources.ts";
import { Callout } from "../../components/callout.tsx";
import { kindLabels } from "./source-words.ts";

/** The key may not read events: how news still come, and what to tick so that they come sooner. */
export function UnheardCallout({ source }: { source: SourceOutput }) {
  if (source.changes.state !== "forbidden") return null;
  const vendor = kindLabels[source.kind];
  const hasWebhook = source.webhook_secrets > 0;
  return (
    <Callout
      tone="warning"
      title={hasWebhook ? "Changes are heard by webhook alone" : "Live updates by polling are off"}
    >
      <p>
        This key may not read events.{" "}
        {hasWebhook
          ? "What no webhook tells is found in the night only."
          : "Without them changes are found in the night, or when somebody chooses “Sync now”."}
      </p>
      <p className="mt-1">
        In {vendor}, edit the key and set “Events” to Read: it stays the same key, and nothing has to be done
        here. A webhook brings changes at once, with or without it.
      </p>
    </Callout>
  );
}
