import { Form, useNavigation } from "@remix-run/react";
import type { SourceOutput } from "#contracts/sources.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { TextField } from "../../components/field.tsx";
import type { Failure } from "../../lib/failure.ts";

/** The name by which the source is known here, and its key: which can be replaced, and not read. */
export function SettingsCard({ source, failure }: { source: SourceOutput; failure: Failure | null }) {
  const pending = useNavigation().formData?.get("intent");
  const of = (intent: string) => (failure?.typed.intent === intent ? failure : null);
  const [named, keyed] = [of("rename"), of("key")];
  return (
    <Card title="Name and key">
      <div className="grid gap-5">
        <Form method="post" preventScrollReset className="grid items-start gap-3 sm:grid-cols-[1fr_auto]">
          <TextField
            key={source.name}
            label="Name"
            name="name"
            required
            maxLength={200}
            defaultValue={named?.typed.name ?? source.name}
            error={named ? (named.fields.name ?? named.message) : null}
          />
          <Button
            type="submit"
            name="intent"
            value="rename"
            size="lg"
            pending={pending === "rename"}
            className="sm:mt-[1.625rem]"
          >
            Rename
          </Button>
        </Form>
        <Form
          method="post"
          preventScrollReset
          key={`${source.key_hint} ${source.status}`}
          className="grid items-start gap-3 sm:grid-cols-[1fr_auto]"
        >
          <TextField
            label="Another key"
            name="api_key"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            placeholder="rk_live_…"
            hint={
              source.key_hint
                ? `For the same account and mode. The key that ends in ${source.key_hint} is forgotten.`
                : "For the same account and mode. It takes the place of the connection by OAuth."
            }
            error={keyed ? (keyed.fields["credentials.api_key"] ?? keyed.message) : null}
          />
          <Button
            type="submit"
            name="intent"
            value="key"
            size="lg"
            pending={pending === "key"}
            className="sm:mt-[1.625rem]"
          >
            Replace key
          </Button>
        </Form>
      </div>
    </Card>
  );
}
