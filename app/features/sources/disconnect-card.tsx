import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";
import { formatCounted } from "#charts/format.ts";
import type { SourceOutput } from "#contracts/sources.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { kindLabels } from "./source-words.ts";

/** Ends a source: its data stay as they are, or go and restate the months they counted in. Asked in both cases. */
export function DisconnectCard({ source }: { source: SourceOutput }) {
  const [asked, setAsked] = useState<"keep" | "remove" | null>(null);
  const pending = useNavigation().formData?.get("intent") === "disconnect";
  const vendor = kindLabels[source.kind];
  const customers = formatCounted(source.counts.customers ?? 0, "customer");
  const ask = (data: "keep" | "remove") => (
    <Button onClick={() => setAsked(data)}>
      {data === "keep" ? "Disconnect and keep…" : "Disconnect and remove…"}
    </Button>
  );
  return (
    <Card title="Disconnect">
      <ul className="grid gap-4 text-sm">
        <li className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <p className="min-w-0 flex-1 basis-72 text-ink-2">
            <span className="font-medium text-ink">Keep the numbers.</span> The key is forgotten and nothing
            more is read. What is here counts on, as it is now.
          </p>
          {ask("keep")}
        </li>
        <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-t border-line pt-4">
          <p className="min-w-0 flex-1 basis-72 text-ink-2">
            <span className="font-medium text-ink">Remove everything.</span> All that came from {source.name}{" "}
            goes, every month it counted in moves, and the restatement log says so.
          </p>
          {ask("remove")}
        </li>
      </ul>
      <noscript>
        <form method="post" className="mt-4 grid gap-3 border-t border-line pt-4 text-sm">
          <label className="flex items-center gap-2">
            <input type="checkbox" required className="size-4" />
            Yes, disconnect {source.name}
          </label>
          <div className="flex flex-wrap gap-2">
            <input type="hidden" name="intent" value="disconnect" />
            <Button type="submit" name="data" value="keep">
              Disconnect and keep the numbers
            </Button>
            <Button type="submit" variant="danger" name="data" value="remove">
              Remove {customers} and disconnect
            </Button>
          </div>
        </form>
      </noscript>
      <Dialog
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={asked === "remove" ? `Remove all data of ${source.name}?` : `Disconnect ${source.name}?`}
        description={
          asked === "remove"
            ? `${customers} and all their subscriptions leave every number here. ${vendor} itself is not touched: you can connect it again and read everything anew.`
            : `Its key is forgotten, and no change in ${vendor} is heard of any more. The numbers stay as they are now; you can connect the account again.`
        }
        actions={
          <>
            <Button onClick={() => setAsked(null)}>Cancel</Button>
            <Form method="post" onSubmit={() => setAsked(null)}>
              <input type="hidden" name="data" value={asked ?? "keep"} />
              <Button type="submit" variant="danger" name="intent" value="disconnect" pending={pending}>
                {asked === "remove" ? `Remove ${customers} and disconnect` : `Disconnect ${source.name}`}
              </Button>
            </Form>
          </>
        }
      />
    </Card>
  );
}
