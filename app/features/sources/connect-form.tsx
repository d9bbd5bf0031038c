import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";
import type { ProbeSourceOutput } from "#contracts/sources.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import type { Failure } from "../../lib/failure.ts";
import { mayConnect, ProbeResult } from "./probe-result.tsx";

const shown = ["credentials.api_key", "name", "options.stripe_account"];

/**
 * Key in, what it may read out, name, connect. With scripts the key stays in its field between the two steps; without them it is
 * pasted once more, because a key is never sent back to a page.
 */
export function ConnectForm({
  probe,
  failure,
}: {
  probe: ProbeSourceOutput | null;
  failure: Failure | null;
}) {
  const [isStale, setStale] = useState(false);
  const [seen, setSeen] = useState(probe);
  const pending = useNavigation().formData?.get("intent");
  if (seen !== probe) {
    setSeen(probe);
    setStale(false);
  }
  const result = isStale ? null : probe;
  const ready = result !== null && result.duplicate_of === null && mayConnect(result);
  const refused =
    failure?.reason === "credentials_refused" || failure?.reason === "unrecognised_key"
      ? failure.message
      : null;
  return (
    <Form method="post" className="grid gap-5" preventScrollReset>
      <div className="grid items-start gap-3 sm:grid-cols-[1fr_auto]">
        <TextField
          label="Restricted key"
          name="api_key"
          required
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="rk_live_…"
          hint="It begins with rk_live_ or rk_test_. A secret key (sk_…) works too, but may do far more than is needed."
          error={refused ?? failure?.fields["credentials.api_key"]}
          onChange={() => setStale(true)}
        />
        <Button
          type="submit"
          name="intent"
          value="probe"
          size="lg"
          variant={ready ? "secondary" : "primary"}
          pending={pending === "probe"}
          className="sm:mt-[1.625rem]"
        >
          {result ? "Check again" : "Check the key"}
        </Button>
      </div>
      <details
        className="text-sm"
        open={failure?.fields["options.stripe_account"] !== undefined || undefined}
      >
        <summary className="w-fit rounded font-medium text-accent">
          The numbers of a connected account
        </summary>
        <TextField
          className="mt-3 max-w-sm"
          label="Account id"
          name="stripe_account"
          placeholder="acct_…"
          defaultValue={failure?.typed.stripe_account}
          hint="Only for platforms: the account of theirs that your key may read. Leave it empty for your own."
          error={failure?.fields["options.stripe_account"]}
          onChange={() => setStale(true)}
        />
      </details>
      {refused ? null : <FormFailure failure={failure} shown={shown} />}
      {result ? <ProbeResult probe={result} /> : null}
      {ready ? (
        <div className="grid items-start gap-3 border-t border-line pt-5 sm:grid-cols-[1fr_auto]">
          <TextField
            label="Name"
            name="name"
            required
            maxLength={200}
            defaultValue={failure?.typed.name || `Stripe${result.livemode ? "" : " (test)"}`}
            hint="How it is called here, for instance by filters and in the log."
            error={failure?.fields.name}
          />
          <Button
            type="submit"
            name="intent"
            value="connect"
            variant="primary"
            size="lg"
            pending={pending === "connect"}
            className="sm:mt-[1.625rem]"
          >
            Connect {result.account.name ?? "this account"}
          </Button>
          <noscript>
            <p className="text-sm text-ink-2">
              Paste the key above once more: it is not kept before you connect.
            </p>
          </noscript>
        </div>
      ) : null}
    </Form>
  );
}
