import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolvePolicy } from "./policy.ts";
import { type ComparedVersion, type Comparison, compareMrr, reconcileReasons } from "./reconcile.ts";
import { reconcileSentence } from "./reconcile-words.ts";

const same = (annual: string) => ({ none: annual, all: annual, recurring: annual, forever_only: annual });

const version = (given: Partial<ComparedVersion> = {}): ComparedVersion => ({
  currency: "USD",
  status: "active",
  fromDay: "2026-01-10",
  toDay: null,
  pastDueDay: null,
  cancelDay: null,
  annual: same("1200"),
  gross: "1200",
  confidence: "exact",
  ...given,
});

const compared = (theirs: string | null, versions: ComparedVersion[], given: Partial<Comparison> = {}) =>
  compareMrr({
    versions,
    theirs,
    currency: "USD",
    day: "2026-03-31",
    today: "2026-06-01",
    policy: resolvePolicy(),
    usage: "0",
    standing: "counts",
    ...given,
  });

describe("a vendor’s figure beside ours", () => {
  test("is equal within a minor unit of its currency", () => {
    const third = version({ annual: same("2000"), gross: "2000" });
    expect(compared("166.67", [third])).toMatchObject({ ours: "166.666666666667", reason: "equal" });
    expect(compared("166.6", [third]).reason).toBe("unexplained");
    const yen = version({ currency: "JPY", annual: same("12007"), gross: "12007" });
    expect(compared("1000", [yen], { currency: "JPY" }).reason).toBe("equal");
  });

  test.each<[string, string | null, ComparedVersion, string, string | null, Partial<Comparison>]>([
    [
      "another choice of discounts",
      "90",
      version({ annual: { none: "1200", all: "600", recurring: "600", forever_only: "1080" } }),
      ...(["discounts", "forever_only", {}] as const),
    ],
    ["a trial that counts", "100", version({ status: "trialing" }), "trial", "counts", {}],
    [
      "a payment that has been overdue for long",
      "100",
      version({ status: "past_due", pastDueDay: "2026-02-10" }),
      ...(["past_due", "counts", {}] as const),
    ],
    [
      "a payment that is overdue since a few days",
      null,
      version({ status: "past_due", pastDueDay: "2026-03-20" }),
      ...(["past_due", "churn", { today: "2026-03-31" }] as const),
    ],
    ["a pause", "100", version({ status: "paused" }), "paused", "counts", {}],
    ["a pause of collection", "0", version({ status: "pause_collection" }), "paused", "zero", {}],
    [
      "a cancellation that counts when it is asked for",
      "0",
      version({ cancelDay: "2026-03-05", toDay: "2026-04-10" }),
      ...(["cancel_date", "request", {}] as const),
    ],
    ["metered use", "112.5", version(), "metered", null, { usage: "12.5" }],
    ["a contained tax", "120", version({ gross: "1440" }), "tax", "taxed", {}],
    ["a day’s difference", "100", version({ toDay: "2026-03-31" }), "day_boundary", "before", {}],
    ["another currency", "93", version({ currency: "EUR" }), "currency", "EUR", {}],
    ["an exclusion", "100", version(), "excluded", null, { standing: "excluded" }],
    ["inferred history", "80", version({ confidence: "inferred" }), "inferred_history", "inferred", {}],
    [
      "a customer that is not here",
      "100",
      version({ currency: "EUR" }),
      "not_in_ours",
      null,
      { standing: "unknown" },
    ],
    ["a customer that is not there", null, version(), "not_in_theirs", null, {}],
    ["nothing that is known", "80", version(), "unexplained", null, {}],
  ])("differs by %s", (_name, theirs, held, reason, by, given) => {
    const found = compared(theirs, [held], given);
    expect(found).toMatchObject({ reason, by });
  });

  test("differs by several rules at once", () => {
    const versions = [
      version({ annual: { none: "1200", all: "600", recurring: "600", forever_only: "1200" } }),
      version({ status: "past_due", pastDueDay: "2026-02-10", annual: same("120"), gross: "120" }),
    ];
    expect(compared("110", versions).reason).toBe("rules");
  });

  test("is told with the weakest of what ours was read from", () => {
    const versions = [version(), version({ confidence: "invoice", toDay: "2026-03-15" })];
    expect(compared("100", versions)).toMatchObject({ reason: "equal", confidence: "invoice" });
    expect(compared("100", []).confidence).toBeNull();
  });

  test("explains every reason in a sentence", () => {
    for (const reason of reconcileReasons)
      expect(reconcileSentence({ reason, by: null }, { policy: resolvePolicy(), currency: "USD" })).toMatch(
        /^[A-Z].*\.$/,
      );
  });

  test("by any rule of the policy is explained, and never called equal where it is not", () => {
    const statuses = ["active", "trialing", "past_due", "paused", "pause_collection"] as const;
    const cents = fc.integer({ min: 12, max: 1_000_000 }).map((amount) => String(amount * 12));
    fc.assert(
      fc.property(fc.constantFrom(...statuses), cents, fc.boolean(), (status, annual, counts) => {
        const held = version({ status, annual: same(annual), gross: annual, pastDueDay: "2026-02-01" });
        const theirs = counts ? String(Number(annual) / 12) : "0";
        const { reason, ours } = compared(theirs, [held]);
        expect(reason === "equal").toBe(ours === theirs);
        // only an active one has no rule by which it counts nothing
        if (reason === "unexplained") expect(status).toBe("active");
      }),
    );
  });
});
