import { csvDownloadHeaders, csvRecord } from "#contracts/csv-export.ts";
import { parseChoice } from "../features/sources/difference-filter.tsx";
import { reasonLabels } from "../features/sources/reason-words.ts";
import { guarded } from "../lib/guard.server.ts";

const rowsOfAPage = 1000;
const header = [
  "customer_id",
  "customer_name",
  "month",
  "currency",
  "mrr_here",
  "mrr_in_report",
  "difference",
  "reason",
  "explanation",
  "confidence",
];

/** The comparison as it is filtered, as CSV, streamed page by page. */
export const loader = guarded(async ({ params, request, context }) => {
  const id = params.id ?? "";
  const { month, reason, all } = parseChoice(new URL(request.url).searchParams);
  const asked = {
    id,
    month: month ?? undefined,
    reason: reason ?? undefined,
    show: all ? ("all" as const) : ("differing" as const),
    limit: rowsOfAPage,
  };
  const { name } = await context.trpc.sources.get({ id });
  const read = (cursor?: string) => context.trpc.sourceReconcile.get({ ...asked, cursor });
  const first = await read();
  const encoder = new TextEncoder();
  let page: typeof first | null = first;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(csvRecord(header)));
    },
    async pull(controller) {
      if (page === null) return controller.close();
      const text = page.items
        .map((row) =>
          csvRecord([
            row.customer_id,
            row.name,
            row.month,
            row.currency,
            row.ours,
            row.theirs,
            row.difference,
            reasonLabels[row.reason],
            row.explanation,
            row.confidence,
          ]),
        )
        .join("");
      if (text !== "") controller.enqueue(encoder.encode(text));
      if (page.next === null) controller.close();
      page = page.next === null ? null : await read(page.next);
    },
  });
  return new Response(body, { headers: csvDownloadHeaders(`${name} reconciled`) });
});
