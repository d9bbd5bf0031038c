import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";
import type { ExclusionKind } from "#contracts/catalogue.ts";
import { Button } from "../../components/button.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import type { Failure } from "../../lib/failure.ts";

const idLabels: Record<ExclusionKind, string> = {
  plan: "Plan",
  subscription: "Subscription id",
  customer: "Customer id",
};

/** Names what is to leave every number, and why. */
export function ExcludeForm({ plans, failure }: { plans: readonly string[]; failure: Failure | null }) {
  const [kind, setKind] = useState<ExclusionKind>(
    failure?.typed.kind === "subscription" || failure?.typed.kind === "customer"
      ? failure.typed.kind
      : "plan",
  );
  const pending = useNavigation().formData?.get("intent") === "exclude";
  return (
    <Form method="post" className="grid gap-4" preventScrollReset>
      <FormFailure failure={failure} shown={["id", "reason"]} />
      <div className="grid items-start gap-4 sm:grid-cols-[11rem_1fr_1fr_auto]">
        <SelectField
          label="Kind"
          name="kind"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as ExclusionKind)}
        >
          <option value="plan">Plan</option>
          <option value="subscription">Subscription</option>
          <option value="customer">Customer</option>
        </SelectField>
        <TextField
          label={idLabels[kind]}
          name="id"
          required
          defaultValue={failure?.typed.id}
          error={failure?.fields.id}
          list={kind === "plan" ? "known-plans" : undefined}
          autoComplete="off"
        />
        <TextField
          label="Reason"
          name="reason"
          required
          maxLength={200}
          placeholder="Test, internal, …"
          defaultValue={failure?.typed.reason}
          error={failure?.fields.reason}
        />
        <Button
          type="submit"
          name="intent"
          value="exclude"
          variant="primary"
          size="lg"
          pending={pending}
          className="sm:mt-[1.625rem]"
        >
          Exclude
        </Button>
      </div>
      <datalist id="known-plans">
        {plans.map((plan) => (
          <option key={plan} value={plan} />
        ))}
      </datalist>
    </Form>
  );
}
