import { expect, test } from "vitest";
import { resolvePolicy } from "#metrics/policy.ts";
import { findPolicyChoice, policyFields } from "./policy-choice.ts";

const read = (query: string) => findPolicyChoice(new URLSearchParams(query));

test("a preset and the rules over it are read from an address, empty rules are the preset's", () => {
  const patch = read(
    "preset=stripe&paused=counts&discounts=&return_after_days=90&net_churn_reactivation=false",
  );
  expect(patch).toMatchObject({
    preset: "stripe",
    paused: "counts",
    discounts: null,
    return_after_days: 90,
    net_churn_reactivation: false,
    churn_denominator: null,
  });
  expect(resolvePolicy(patch ?? {})).toMatchObject({
    discounts: "forever_only",
    churn_denominator: "start_plus_new",
  });
});

test("an address says the same again", () => {
  const patch = read("preset=profitwell&usage=out&past_due_days=14&quick_ratio_reactivation=true");
  expect(patch && findPolicyChoice(new URLSearchParams(policyFields(patch)))).toEqual(patch);
  expect(policyFields(patch ?? {})).toEqual({
    preset: "profitwell",
    usage: "out",
    past_due_days: "14",
    quick_ratio_reactivation: "true",
  });
});

test.each([
  "",
  "preset=recurly",
  "preset=jarvis&paused=never",
  "preset=jarvis&past_due_days=-1",
  "paused=zero",
])("%s asks for nothing", (query) => expect(read(query)).toBeNull());
