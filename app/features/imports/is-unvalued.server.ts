import type { LoaderFunctionArgs } from "@remix-run/node";

/** Whether amounts of the last months are in a currency without a rate: MRR is then not told, and what is left of lists is not all. */
export async function isUnvalued({ trpc }: LoaderFunctionArgs["context"]): Promise<boolean> {
  const { metrics } = await trpc.analytics.metrics({ names: "mrr", grain: "month" });
  return metrics.mrr?.some(({ reason }) => reason === "fx_rate_missing") ?? false;
}
