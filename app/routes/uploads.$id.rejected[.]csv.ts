import { csvDownloadHeaders, csvRecord } from "#contracts/csv-export.ts";
import { uploadErrorsCsvHeader } from "#contracts/uploads.ts";
import { guarded } from "../lib/guard.server.ts";

const page = 1000;

/** Every rejected row of an upload as CSV, streamed page by page. */
export const loader = guarded(async ({ params, context }) => {
  const id = params.id ?? "";
  const upload = await context.trpc.uploads.get({ id });
  const encoder = new TextEncoder();
  let cursor: string | null | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(csvRecord(uploadErrorsCsvHeader)));
    },
    async pull(controller) {
      const { items, next } = await context.trpc.uploads.errors({
        id,
        limit: page,
        cursor: cursor ?? undefined,
      });
      const text = items
        .map((error) => csvRecord([error.line, error.column, error.code, error.message, error.value]))
        .join("");
      if (text !== "") controller.enqueue(encoder.encode(text));
      cursor = next;
      if (next === null) controller.close();
    },
  });
  return new Response(body, {
    headers: csvDownloadHeaders(`${upload.file_name.replace(/\.[^.]+$/, "")} rejected`),
  });
});
