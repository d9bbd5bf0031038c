import { describe, expect, it } from "vitest";
import {
  defaultPolicy,
  patchPolicy,
  policyPresets,
  presetGaps,
  presetSettings,
  resolvePolicy,
} from "./policy.ts";

describe("policy", () => {
  it("is the default where nothing was chosen", () => {
    expect(resolvePolicy()).toEqual({ ...defaultPolicy, preset: "jarvis" });
  });

  it("own choices win over the preset, null returns to it", () => {
    const stored = patchPolicy({}, { preset: "stripe", churn_denominator: "start" });
    expect(resolvePolicy(stored).churn_denominator).toBe("start");
    const returned = patchPolicy(stored, { churn_denominator: null });
    expect(returned).toEqual({ preset: "stripe" });
    expect(resolvePolicy(returned)).toMatchObject({
      discounts: "forever_only",
      churn_denominator: "start_plus_new",
      past_due: "counts",
    });
  });

  it("presets carry the vendors' differences", () => {
    expect(resolvePolicy({ preset: "baremetrics" })).toMatchObject({
      net_churn_reactivation: false,
      new_and_churn: "both",
      paused: "zero",
    });
    expect(resolvePolicy({ preset: "chartmogul" })).toMatchObject({ free_payer: "active", paused: "counts" });
    expect(resolvePolicy({ preset: "profitwell" })).toMatchObject({
      usage: "trailing3",
      new_and_churn: "drop",
    });
  });

  it("a gap in a vendor's documentation is the default", () => {
    for (const preset of policyPresets)
      for (const key of presetGaps[preset]) expect(presetSettings[preset]).not.toHaveProperty(key);
  });
});
