import { describe, expect, it } from "vitest";
import { applyBilling } from "./billing.ts";
import type { SubscriptionState } from "./ledger.ts";
import { buildLedger } from "./movements.ts";
import { type PolicyPatch, resolvePolicy } from "./policy.ts";
import { lines, state } from "./testing.ts";

const rows = (states: SubscriptionState[], patch: PolicyPatch = {}, today = "2026-06-01") => {
  const policy = resolvePolicy(patch);
  const settled = applyBilling(states, policy, today);
  expect(applyBilling(settled, policy, today)).toEqual(settled);
  return buildLedger({ states: settled, rates: [], currency: "USD", policy }).movements;
};

const paid = state({ fromDay: "2026-01-01", toDay: "2026-03-01", annual: "1200" });

describe("billing statuses", () => {
  it("a trial is not a customer; it is new on the first paid day", () => {
    const trial = state({ fromDay: "2025-12-15", toDay: "2026-01-01", annual: "1200", status: "trialing" });
    expect(lines(rows([trial, paid]))).toEqual(["2026-01-01 new 1200", "2026-03-01 churn -1200"]);
  });

  it("unpaid is involuntary churn", () => {
    const unpaid = state({ fromDay: "2026-03-01", annual: "1200", status: "unpaid" });
    expect(rows([paid, unpaid]).at(-1)).toMatchObject({
      kind: "churn",
      day: "2026-03-01",
      cause: "involuntary",
    });
  });

  it("a pause is 0, its resume a reactivation, unless the policy lets it count", () => {
    const paused = state({ fromDay: "2026-03-01", toDay: "2026-04-01", annual: "1200", status: "paused" });
    const resumed = state({ fromDay: "2026-04-01", annual: "1200" });
    expect(lines(rows([paid, paused, resumed]))).toEqual([
      "2026-01-01 new 1200",
      "2026-03-01 churn -1200",
      "2026-04-01 reactivation 1200",
    ]);
    expect(rows([paid, paused, resumed])[1]?.cause).toBe("paused");
    expect(lines(rows([paid, paused, resumed], { paused: "counts" }))).toEqual(["2026-01-01 new 1200"]);
  });

  it("paused collection counts, unless the policy says it is 0", () => {
    const paused = state({ fromDay: "2026-03-01", annual: "1200", status: "pause_collection" });
    expect(lines(rows([paid, paused]))).toEqual(["2026-01-01 new 1200"]);
    expect(lines(rows([paid, paused], { pause_collection: "zero" }))).toContain("2026-03-01 churn -1200");
  });

  it("past due counts through its grace, then churns where the grace began", () => {
    const late = state({
      fromDay: "2026-03-01",
      annual: "1200",
      status: "past_due",
      pastDueSince: "2026-03-10",
    });
    expect(lines(rows([paid, late], {}, "2026-04-08"))).toEqual(["2026-01-01 new 1200"]);
    expect(rows([paid, late], {}, "2026-04-09").at(-1)).toMatchObject({
      kind: "churn",
      day: "2026-03-10",
      cause: "involuntary",
    });
    expect(lines(rows([paid, late], { past_due: "counts" }))).toEqual(["2026-01-01 new 1200"]);
    expect(lines(rows([paid, late], { past_due: "churn" }, "2026-03-10"))).toContain(
      "2026-03-10 churn -1200",
    );
  });

  it("a payment within the grace saves it, one on its last day as well; a later one is a return", () => {
    const late = (paidDay: string) => [
      paid,
      state({
        ...{ fromDay: "2026-03-01", toDay: paidDay, annual: "1200", status: "past_due" as const },
        ...{ pastDueSince: "2026-03-01", pastDuePaidDay: paidDay },
      }),
      state({ fromDay: paidDay, annual: "1200" }),
    ];
    expect(lines(rows(late("2026-03-11")))).toEqual(["2026-01-01 new 1200"]);
    expect(lines(rows(late("2026-03-31")))).toEqual(["2026-01-01 new 1200"]);
    expect(lines(rows(late("2026-04-01")))).toEqual([
      "2026-01-01 new 1200",
      "2026-03-01 churn -1200",
      "2026-04-01 reactivation 1200",
    ]);
  });

  it("what ends without having been paid churned where the last paid period ended, grace or not", () => {
    const given = {
      ...{ fromDay: "2026-03-01", toDay: "2026-03-15", annual: "1200", status: "past_due" as const },
      ...{ pastDueSince: "2026-03-01", pastDueLostDay: "2026-03-15" },
    };
    const ended = state(given);
    expect(lines(rows([paid, ended], {}, "2026-03-14")).at(-1)).toBe("2026-03-15 churn -1200");
    expect(rows([paid, ended], {}, "2026-03-15").at(-1)).toMatchObject({
      ...{ kind: "churn", day: "2026-03-01", cause: "involuntary" },
    });
    expect(lines(rows([paid, ended], { past_due: "counts" })).at(-1)).toBe("2026-03-15 churn -1200");
  });

  it("a cancellation at the period's end churns there, or when it is asked for", () => {
    const asked = { ...paid, cancelRequestedDay: "2026-02-10" };
    expect(lines(rows([asked])).at(-1)).toBe("2026-03-01 churn -1200");
    expect(lines(rows([asked], { cancel: "request" })).at(-1)).toBe("2026-02-10 churn -1200");
  });
});
