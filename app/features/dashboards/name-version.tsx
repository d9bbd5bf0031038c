import { Form, useNavigation } from "@remix-run/react";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { TextField } from "../../components/field.tsx";
import type { Failure } from "../../lib/failure.ts";

/** Keeps the dashboard as it is now, under a name. */
export function NameVersion({ failure }: { failure: Failure | null }) {
  const pending = useNavigation().formData?.get("intent") === "name";
  return (
    <Card title="Keep it as it is now">
      <Form method="post" preventScrollReset className="flex items-end gap-2">
        <input type="hidden" name="intent" value="name" />
        <TextField
          label="Name of the version"
          name="label"
          required
          maxLength={200}
          autoComplete="off"
          placeholder="Before the board meeting"
          className="min-w-0 flex-1"
          defaultValue={failure?.typed.label}
          error={failure?.fields.label}
        />
        <Button type="submit" size="lg" pending={pending}>
          Keep
        </Button>
      </Form>
    </Card>
  );
}
