import { Form, useNavigation, useSubmit } from "@remix-run/react";
import { useState } from "react";
import { hasOwnRules, presetNames } from "#contracts/policy-names.ts";
import { ruleGroups } from "#contracts/policy-rules.ts";
import { type Policy, type PolicyPreset, policyPresets, resolvePolicy } from "#metrics/policy.ts";
import { Button } from "../../components/button.tsx";
import { RuleField } from "./rule-field.tsx";

const presetNotes: Record<PolicyPreset, string> = {
  jarvis: "Our default: exact, and the same everywhere.",
  chartmogul: "Counts pauses, late and free customers in.",
  baremetrics: "Churn includes who came and went; net churn ignores returns.",
  stripe: "Churn divides by start plus new customers.",
  profitwell: "Adds usage; ignores who came and went.",
};

/** Chooses rules; its answer is the difference that they would make, nothing is saved. */
export function PolicyForm({ policy }: { policy: Policy }) {
  const [chosen, setChosen] = useState(policy.preset);
  const submit = useSubmit();
  const { state, formMethod } = useNavigation();
  const preset = resolvePolicy({ preset: chosen });
  return (
    <Form
      method="get"
      className="grid gap-5"
      preventScrollReset
      onSubmit={(event) => {
        // an address without the rules that are left to the preset
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        for (const [key, value] of [...fields]) if (value === "") fields.delete(key);
        submit(fields, { method: "get", preventScrollReset: true });
      }}
    >
      <fieldset>
        <legend className="mb-2 text-sm font-medium">Whose conventions</legend>
        <div className="grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
          {policyPresets.map((name) => (
            <label
              key={name}
              className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line px-3.5 py-3 transition-colors duration-100 hover:bg-hover has-checked:border-ink has-checked:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name="preset"
                value={name}
                checked={name === chosen}
                onChange={() => setChosen(name)}
                className="mt-0.5 size-4 shrink-0 accent-ink"
              />
              <span className="grid gap-0.5">
                <span className="text-sm font-medium">
                  {presetNames[name]}
                  {name === policy.preset ? (
                    <span className="font-normal text-ink-3"> · in force</span>
                  ) : null}
                </span>
                <span className="text-xs text-ink-3">{presetNotes[name]}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <details className="group" open={hasOwnRules(policy)}>
        <summary className="inline-block cursor-pointer rounded text-sm font-medium text-accent">
          Change single rules
        </summary>
        <div className="mt-4 grid gap-6">
          {ruleGroups.map(({ title, keys }) => (
            <fieldset key={title}>
              <legend className="mb-2.5 text-xs font-medium text-ink-3">{title}</legend>
              <div className="grid items-start gap-x-6 gap-y-4 sm:grid-cols-2">
                {keys.map((key) => (
                  <RuleField
                    // another preset starts from its own rules
                    key={`${key} ${chosen}`}
                    name={key}
                    policy={chosen === policy.preset ? policy : preset}
                    preset={preset}
                  />
                ))}
              </div>
            </fieldset>
          ))}
        </div>
      </details>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" pending={state === "loading" && formMethod === "GET"}>
          Preview the difference
        </Button>
        <p className="text-sm text-ink-3">Shows it on your own numbers. Nothing is saved.</p>
      </div>
    </Form>
  );
}
