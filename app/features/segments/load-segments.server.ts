import type { AppLoadContext } from "@remix-run/node";
import type { SegmentPreview } from "#contracts/segments.ts";
import type { Expression } from "#metrics/segments.ts";
import { failureOf } from "../../lib/guard.server.ts";
import { filterOptions } from "../dashboard/filter-options.ts";

/** Who matches, or null where that could not be counted: the page goes on without. */
export async function findPreview(
  { trpc }: AppLoadContext,
  expression: Expression | null,
): Promise<SegmentPreview | null> {
  if (expression === null) return null;
  try {
    return await trpc.segments.preview({ expression });
  } catch (error) {
    if (!failureOf(error)) throw error;
    return null;
  }
}

/** What a condition can be about, with the values that exist; size and tenure always, segments never. */
export async function listConditionOptions({ trpc }: AppLoadContext) {
  const { options } = await trpc.analytics.filterOptions();
  const known = filterOptions(options, []).filter(({ key }) => key !== "segment");
  const always = ["plan", "country", "size", "tenure"].filter((key) => !known.some((one) => one.key === key));
  const labels: Record<string, string> = { plan: "Plan", country: "Country", size: "Size", tenure: "Tenure" };
  return [...known, ...always.map((key) => ({ key, label: labels[key] ?? key, values: [] }))];
}
