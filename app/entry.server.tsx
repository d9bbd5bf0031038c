import { PassThrough } from "node:stream";
import {
  type ActionFunctionArgs,
  type AppLoadContext,
  createReadableStreamFromReadable,
  type EntryContext,
  type LoaderFunctionArgs,
} from "@remix-run/node";
import { RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
import { provideServerBodies } from "./features/widgets/server-bodies.ts";
import { NonceProvider } from "./lib/nonce.ts";

// The first answer holds every chart: nothing of them waits for a chunk on the server.
provideServerBodies();

/** After this many milliseconds a page that still waits for data is given up. */
export const streamTimeout = 10_000;

/**
 * Streams the page: the shell as soon as it stands, or the whole page at once for crawlers. Every script carries the
 * request's nonce; a page with a nonce is never stored.
 */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  loadContext: AppLoadContext,
): Promise<Response> {
  const nonce = loadContext.cspNonce;
  const wholePage = isbot(request.headers.get("user-agent") ?? "");
  return new Promise((resolve, reject) => {
    let responseStatus = status;
    let shellStands = false;

    const respond = () => {
      shellStands = true;
      const body = new PassThrough();
      headers.set("Content-Type", "text/html; charset=utf-8");
      headers.set("Cache-Control", "no-store");
      resolve(new Response(createReadableStreamFromReadable(body), { headers, status: responseStatus }));
      pipe(body);
    };

    const { pipe, abort } = renderToPipeableStream(
      <NonceProvider value={nonce}>
        <RemixServer context={remixContext} url={request.url} nonce={nonce} abortDelay={streamTimeout} />
      </NonceProvider>,
      {
        nonce,
        onShellReady() {
          if (!wholePage) respond();
        },
        onAllReady() {
          if (wholePage) respond();
        },
        onShellError: reject,
        onError(error) {
          responseStatus = 500;
          // Errors before the shell stands reject the promise and are logged by handleError's caller.
          if (shellStands) loadContext.log.error({ err: error }, "a page failed while it was streamed");
        },
      },
    );
    setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

/** Errors of loaders and actions; a request that the reader gave up is none. */
export function handleError(
  error: unknown,
  { request, context }: LoaderFunctionArgs | ActionFunctionArgs,
): void {
  if (!request.signal.aborted)
    context.log.error({ err: error, url: new URL(request.url).pathname }, "a page failed");
}
