import type { LoaderFunctionArgs } from "@remix-run/node";
import { guarded } from "../lib/guard.server.ts";

/** Customers whose name, e-mail or id holds the words, for the command palette. */
export const loader = guarded(async ({ request, context }: LoaderFunctionArgs) => {
  const search = new URL(request.url).searchParams.get("q")?.trim().slice(0, 200) ?? "";
  if (search === "") return { customers: [] };
  const { items } = await context.trpc.analytics.customers({ search, limit: 8 });
  return { customers: items.map(({ customer_id, name }) => ({ customer_id, name })) };
});
