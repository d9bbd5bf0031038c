import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";
import { formatCounted } from "#charts/format.ts";
import type { SourceOutput } from "#contracts/sources.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { TextField } from "../../components/field.tsx";
import type { Failure } from "../../lib/failure.ts";
import { CopyField } from "../settings/copy-field.tsx";
import { kindLabels } from "./source-words.ts";

/** Stripe's page where a webhook endpoint is made; of test data in test mode. */
const endpointsPage = (livemode: boolean | null): string =>
  `https://dashboard.stripe.com/${livemode === false ? "test/" : ""}webhooks/create`;

/** How changes get here within a second: the address to give to the vendor, and the secret to bring back. */
export function WebhookCard({ source, failure }: { source: SourceOutput; failure: Failure | null }) {
  const held = source.webhook_secrets;
  const pending = useNavigation().formData?.get("intent") === "webhook";
  const [rotates, setRotates] = useState(false);
  const error = failure ? (Object.values(failure.fields)[0] ?? failure.message) : null;
  return (
    <Card
      title="Webhook"
      subtitle="Changes within a second instead of a minute"
      actions={
        held > 0 ? (
          <Badge tone="positive" dot>
            {formatCounted(held, "secret")} held
          </Badge>
        ) : (
          <Badge>Not set up</Badge>
        )
      }
    >
      <ol className="grid gap-5 text-sm">
        <li className="grid gap-2">
          <p>
            <span className="font-medium">1.</span> In {kindLabels[source.kind]},{" "}
            <a className="link" href={endpointsPage(source.livemode)} target="_blank" rel="noreferrer">
              add a webhook endpoint
            </a>{" "}
            for all events, or those of customers, subscriptions, invoices, prices, products and coupons, with
            this address:
          </p>
          <CopyField label="Address" value={source.webhook_url} />
        </li>
        <li className="grid gap-2">
          <p>
            <span className="font-medium">2.</span> Copy the endpoint’s signing secret and paste it here. It
            proves that what arrives comes from {kindLabels[source.kind]}.
          </p>
          <Form method="post" className="grid gap-3" preventScrollReset key={held}>
            <div className="grid items-start gap-3 sm:grid-cols-[1fr_auto]">
              <TextField
                label={held > 0 ? "New signing secret" : "Signing secret"}
                name="secret"
                type="password"
                autoComplete="off"
                spellCheck={false}
                placeholder="whsec_…"
                required
                error={error}
                hint={held > 0 ? "It replaces the secret that is held." : undefined}
              />
              <Button
                type="submit"
                name="intent"
                value="webhook"
                size="lg"
                variant={held > 0 ? "secondary" : "primary"}
                pending={pending}
                className="sm:mt-[1.625rem]"
              >
                Save secret
              </Button>
            </div>
            {rotates ? (
              <TextField
                label="Second secret"
                name="secret"
                type="password"
                autoComplete="off"
                spellCheck={false}
                placeholder="whsec_…"
                hint="While Stripe rolls a secret over, both the old and the new one sign."
              />
            ) : (
              <button
                type="button"
                className="w-fit rounded text-xs font-medium text-accent hover:underline"
                onClick={() => setRotates(true)}
              >
                A second secret, while one is rolled over
              </button>
            )}
          </Form>
        </li>
      </ol>
    </Card>
  );
}
