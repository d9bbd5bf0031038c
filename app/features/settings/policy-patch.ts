import { type PolicyPatchInput, policyPatch } from "#contracts/policy.ts";
import { choiceKeys } from "#contracts/policy-words.ts";

/** The change that a policy form asks for: the preset, and every rule by name; an empty rule returns to the preset. */
export function policyPatchOf(form: FormData): PolicyPatchInput {
  const patch: Record<string, FormDataEntryValue | null> = { preset: form.get("preset") };
  for (const key of choiceKeys) {
    const value = form.get(`rule:${key}`);
    if (value !== null) patch[key] = value || null;
  }
  return policyPatch.parse(patch);
}
