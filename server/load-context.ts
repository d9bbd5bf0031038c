import type { Me } from "#contracts/accounts.ts";
import type { Logger } from "#root/log.ts";
import type { AppCaller } from "./router.ts";

/**
 * What Remix loaders and actions get from the server; `app/` imports these types and nothing else of the server.
 * `trpc` is the same door that the browser uses: authorisation stands behind it, not in a route.
 */
export interface LoadContext {
  /** Calls procedures as whoever asks, e.g. `await context.trpc.analytics.metrics({…})`. Throws TRPCError. */
  trpc: AppCaller;
  /** Goes into `<Scripts nonce>`, `<ScrollRestoration nonce>` and `renderToPipeableStream({nonce})`. */
  cspNonce: string;
  /** Who asks: asked once per request, null for nobody. Call `trpc.account.me()` for the organisations. */
  signedIn: { email: string; name: string; organisation: { id: string; name: string } | null } | null;
  /** Asked at most once per request, however many loaders want it. */
  me(): Promise<Me>;
  /** The event up to which all that these loaders read is whole: what comes after it, the live feed tells. Null: not asked for. */
  feedFrom: string | null;
  /** Scheme, host and port under which people reach this instance, without a trailing slash. */
  baseUrl: string;
  requestId: string;
  /** The request's log: pages that fail while they are streamed write here. */
  log: Logger;
}

declare module "@remix-run/server-runtime" {
  interface AppLoadContext extends LoadContext {}
}
