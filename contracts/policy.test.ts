import { expect, it } from "vitest";
import { policyPresets, resolvePolicy } from "#metrics/policy.ts";
import { policyPatch, policySchema } from "./policy.ts";

it("a policy patch takes every key, null and absence, and nothing else", () => {
  expect(policyPatch.parse({})).toEqual({});
  expect(policyPatch.parse({ discounts: null, return_after_days: 30, preset: "stripe" })).toEqual({
    discounts: null,
    return_after_days: 30,
    preset: "stripe",
  });
  expect(policyPatch.safeParse({ discount: "all" }).success).toBe(false);
  expect(policyPatch.safeParse({ discounts: "some" }).success).toBe(false);
  expect(policyPatch.safeParse({ past_due_days: -1 }).success).toBe(false);
});

it("every preset is a policy, key by key", () => {
  for (const preset of policyPresets) {
    const policy = resolvePolicy({ preset });
    expect(policySchema.parse(policy)).toEqual(policy);
    expect(Object.keys(policyPatch.shape).sort()).toEqual(Object.keys(policy).sort());
  }
});
