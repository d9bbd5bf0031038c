import type { LoaderFunctionArgs } from "@remix-run/node";
import { isMoving } from "../sources/source-words.ts";
import { isUnvalued } from "./is-unvalued.server.ts";
import { isRunning } from "./upload-state.ts";

/** As many files as are looked through. */
const mostLooked = 5;

/**
 * What was begun and has brought no numbers yet: files on their way or waiting for a person, sources whose history is being read, amounts
 * in a currency without rates.
 */
export async function listArriving(context: LoaderFunctionArgs["context"]) {
  const { trpc } = context;
  const [uploads, sources, unvalued] = await Promise.all([
    trpc.uploads.list({ limit: mostLooked }),
    trpc.sources.list({ limit: mostLooked }),
    isUnvalued(context),
  ]);
  return {
    isUnvalued: unvalued,
    uploads: uploads.items
      .filter(
        (upload) => isRunning(upload) || upload.status === "needs_mapping" || upload.status === "failed",
      )
      .map(({ id, file_name, status, phase }) => ({ id, file_name, status, phase })),
    sources: sources.items
      .filter((source) => isMoving(source) || source.status === "error")
      .map(({ id, name, status }) => ({ id, name, status })),
  };
}
export type Arriving = Awaited<ReturnType<typeof listArriving>>;
