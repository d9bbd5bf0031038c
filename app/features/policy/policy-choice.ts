import { type PolicyPatchInput, policyPatch } from "#contracts/policy.ts";
import { policyChoices, policyKeys } from "#metrics/policy.ts";

/** What a policy form says, in an address or in a form's data: `preset=stripe&paused=counts`; an empty rule is the preset's. */
type Fields = Pick<URLSearchParams | FormData, "get" | "has">;

/**
 * The change that the fields ask for: the preset, and every rule, so that what was chosen before and is left empty now returns to
 * the preset. Null where no preset is named or something cannot be read: a link that was cut still opens.
 */
export function findPolicyChoice(fields: Fields): PolicyPatchInput | null {
  if (!fields.has("preset")) return null;
  const rules = policyKeys.map((key) => [key, readRule(key, fields.get(key))] as const);
  const parsed = policyPatch.safeParse({ preset: fields.get("preset"), ...Object.fromEntries(rules) });
  return parsed.success ? parsed.data : null;
}

function readRule(key: string, given: FormDataEntryValue | string | null): unknown {
  if (given === null || given === "") return null;
  if (key in policyChoices) return given;
  if (given === "true" || given === "false") return given === "true";
  return typeof given === "string" && /^\d{1,5}$/.test(given) ? Number(given) : given;
}

/** The fields that say a change; `findPolicyChoice` reads them back. */
export const policyFields = (patch: PolicyPatchInput): Record<string, string> =>
  Object.fromEntries(
    Object.entries(patch).flatMap(([key, value]) =>
      value === null || value === undefined ? [] : [[key, String(value)]],
    ),
  );
