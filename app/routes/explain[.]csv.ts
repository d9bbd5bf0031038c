import { csvDownloadHeaders, csvRecord } from "#contracts/csv-export.ts";
import { explainRecords, recordHeader } from "../features/explain/explain-records.ts";
import { explainRequestOf } from "../features/explain/explain-request.ts";
import { explainTitle } from "../features/explain/explain-words.ts";
import { guarded } from "../lib/guard.server.ts";

const rowsOfAPage = 500;

/** Every row of an explanation as CSV, streamed page by page. */
export const loader = guarded(async ({ request, context }) => {
  const { cursor: _, ...asked } = explainRequestOf(new URL(request.url).searchParams);
  const read = (cursor?: string) => context.trpc.explain.number({ ...asked, limit: rowsOfAPage, cursor });
  // what is wrong with the question is said before the file begins
  const first = await read();
  const encoder = new TextEncoder();
  let page: typeof first | null = first;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(csvRecord(recordHeader)));
    },
    async pull(controller) {
      if (page === null) return controller.close();
      const text = explainRecords(page).map(csvRecord).join("");
      if (text !== "") controller.enqueue(encoder.encode(text));
      if (page.next === null) controller.close();
      page = page.next === null ? null : await read(page.next);
    },
  });
  return new Response(body, { headers: csvDownloadHeaders(explainTitle(first)) });
});
