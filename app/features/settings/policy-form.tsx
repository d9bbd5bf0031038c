import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";
import { choiceKeys, choiceLabel, choiceWords, presetWords } from "#contracts/policy-words.ts";
import { type Policy, policyPresets, resolvePolicy } from "#metrics/policy.ts";
import { Button } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";

/** Which conventions the numbers follow: a preset, and single rules that differ from it. */
export function PolicyForm({ policy, mayEdit }: { policy: Policy; mayEdit: boolean }) {
  const [preset, setPreset] = useState(policy.preset);
  const pending = useNavigation().formData?.get("intent") === "policy";
  const ofPreset = resolvePolicy({ preset });
  const before = resolvePolicy({ preset: policy.preset });
  return (
    <Form method="post" className="grid gap-5" preventScrollReset>
      <fieldset disabled={!mayEdit} className="grid gap-5">
        <legend className="sr-only">Metric policy</legend>
        <SelectField
          label="Preset"
          name="preset"
          value={preset}
          onChange={(event) => {
            const chosen = policyPresets.find((name) => name === event.currentTarget.value);
            if (chosen) setPreset(chosen);
          }}
          hint="Changing it recomputes every number, also of the past. It can be changed back."
          className="max-w-sm"
        >
          {policyPresets.map((name) => (
            <option key={name} value={name}>
              {presetWords[name]}
            </option>
          ))}
        </SelectField>
        <details className="group">
          <summary className="inline-block rounded text-sm font-medium text-accent">Single rules</summary>
          <div className="mt-4 grid gap-x-6 gap-y-4 sm:grid-cols-2">
            {choiceKeys.map((key) => (
              <SelectField
                key={`${key} ${preset}`}
                label={choiceWords[key].label}
                name={`rule:${key}`}
                hint={choiceWords[key].help}
                defaultValue={policy[key] === before[key] ? "" : policy[key]}
              >
                <option value="">As the preset: {choiceLabel(key, ofPreset[key])}</option>
                {Object.entries(choiceWords[key].values).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </SelectField>
            ))}
          </div>
        </details>
        {mayEdit ? (
          <div>
            <Button type="submit" name="intent" value="policy" variant="primary" pending={pending}>
              Save policy
            </Button>
          </div>
        ) : null}
      </fieldset>
    </Form>
  );
}
