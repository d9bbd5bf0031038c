import { createTRPCClient, httpBatchLink } from "@trpc/client";
import superjson from "superjson";
import type { AppRouter } from "#server/router.ts";

/**
 * The procedures, called from the browser with the types that the server gives them. Pages get their data from loaders;
 * this is for what moves while a page stays (search as one types, progress), so it is imported where it is needed, lazily.
 */
export const trpc = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: "/trpc", transformer: superjson, headers: { "x-trpc-source": "browser" } })],
});
