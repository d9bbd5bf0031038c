import type { AppLoadContext } from "@remix-run/node";
import type { UploadOutput } from "#contracts/uploads.ts";

/** What an import made of the numbers. */
export interface ImportEffect {
  currency: string;
  /** Of the running month; null where there is no value. */
  figures: { name: string; metric: "mrr" | "arr" | "customers"; value: string | number | null }[];
  /** There is revenue, in a currency that cannot be told in the organisation's. */
  isUnvalued: boolean;
  /** Months that moved, newest first; the amounts are MRR. */
  months: { month: string; before: string; after: string; change: string }[];
}

const figureNames = { mrr: "MRR", arr: "ARR", customers: "Paying customers" } as const;
const movingKinds = ["subscriptions", "mrr_by_month", "fx_rates"];

/** Null for uploads that change no revenue, or are not done. */
export async function loadEffect(
  trpc: AppLoadContext["trpc"],
  upload: Pick<UploadOutput, "id" | "status" | "kind">,
): Promise<ImportEffect | null> {
  if (upload.status !== "done" || !upload.kind || !movingKinds.includes(upload.kind)) return null;
  const [answer, log] = await Promise.all([
    trpc.analytics.metrics({ names: "mrr,arr,customers", grain: "month" }),
    trpc.restatements.events({ upload_id: upload.id, limit: 1 }),
  ]);
  return {
    currency: answer.currency,
    figures: (["arr", "mrr", "customers"] as const).map((metric) => ({
      metric,
      name: figureNames[metric],
      value: answer.metrics[metric]?.at(-1)?.value ?? null,
    })),
    isUnvalued: answer.metrics.mrr?.at(-1)?.reason === "fx_rate_missing",
    // imported, undone and imported again: the last change is this one
    months: (log.items.find(({ cause }) => cause === "upload")?.months ?? [])
      .map(({ month, before_mrr, after_mrr, change }) => ({
        month,
        before: before_mrr,
        after: after_mrr,
        change: change ?? "0",
      }))
      .reverse(),
  };
}
