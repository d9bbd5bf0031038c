import { redirect } from "@remix-run/node";
import { submitted } from "../lib/guard.server.ts";

/** Opens the demo organisation, making it first where there is none. */
export const action = submitted(async ({ context }) => {
  await context.trpc.demo.load();
  throw redirect("/");
});

export const loader = () => redirect("/");
