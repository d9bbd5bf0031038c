import { useState } from "react";
import { presetNames } from "#contracts/policy-names.ts";
import { ruleLabel, ruleMeaning, ruleValue } from "#contracts/policy-rules.ts";
import {
  defaultPolicy,
  type Policy,
  type PolicySettings,
  policyChoices,
  presetGaps,
} from "#metrics/policy.ts";
import { SelectField, TextField } from "../../components/field.tsx";

type Key = keyof PolicySettings;

/** The values of a rule that is no number. */
const optionsOf = (key: Key): readonly PolicySettings[Key][] | null =>
  typeof defaultPolicy[key] === "boolean"
    ? [true, false]
    : key in policyChoices
      ? policyChoices[key as keyof typeof policyChoices]
      : null;

/** One rule: as the preset has it, or a choice of one's own, with what it means. */
export function RuleField({ name, policy, preset }: { name: Key; policy: Policy; preset: Policy }) {
  const [own, setOwn] = useState(policy[name] === preset[name] ? "" : String(policy[name] ?? ""));
  const options = optionsOf(name);
  const chosen = options
    ? (options.find((value) => String(value) === own) ?? preset[name])
    : /^\d+$/.test(own)
      ? Number(own)
      : preset[name];
  const gap = own === "" && presetGaps[preset.preset].includes(name);
  const hint = (
    <>
      {ruleMeaning(name, chosen)}
      {gap ? (
        <span className="block text-warning">
          Not found in {presetNames[preset.preset]}’s documentation; the default is used.
        </span>
      ) : null}
    </>
  );
  if (options === null)
    return (
      <TextField
        label={`${ruleLabel(name)}, days`}
        name={name}
        type="number"
        inputMode="numeric"
        min={0}
        max={3650}
        defaultValue={own}
        placeholder={preset[name] === null ? "any gap" : String(preset[name])}
        onChange={(event) => setOwn(event.currentTarget.value)}
        hint={hint}
      />
    );
  return (
    <SelectField
      label={ruleLabel(name)}
      name={name}
      value={own}
      onChange={(event) => setOwn(event.currentTarget.value)}
      hint={hint}
    >
      <option value="">
        As {presetNames[preset.preset]}: {ruleValue(name, preset[name])}
      </option>
      {options.map((value) => (
        <option key={String(value)} value={String(value)}>
          {ruleValue(name, value)}
        </option>
      ))}
    </SelectField>
  );
}
