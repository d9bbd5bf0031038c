import { Form, useNavigation } from "@remix-run/react";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import type { Failure } from "../../lib/failure.ts";

export function NewDashboard({ failure }: { failure: Failure | null }) {
  const pending = useNavigation().formData?.get("intent") === "create";
  return (
    <Card title="New dashboard">
      <Form method="post" className="grid items-end gap-3 sm:grid-cols-[1fr_15rem_auto]">
        <input type="hidden" name="intent" value="create" />
        <TextField
          label="Title"
          name="title"
          required
          maxLength={200}
          placeholder="Board meeting"
          autoComplete="off"
          defaultValue={failure?.typed.title}
          error={failure?.fields.title}
        />
        <SelectField label="Begins with" name="template" defaultValue={failure?.typed.template ?? ""}>
          <option value="">No widgets</option>
          <option value="overview">The overview's widgets</option>
        </SelectField>
        <Button type="submit" variant="primary" size="lg" pending={pending}>
          Create dashboard
        </Button>
      </Form>
    </Card>
  );
}
