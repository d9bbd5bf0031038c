import { redirect } from "@remix-run/node";
import { submitted } from "../lib/guard.server.ts";

/** Opens the demo: a guest's for a stranger, where that is allowed, and one of their own for somebody signed in. */
export const action = submitted(async ({ context }) => {
  if (context.signedIn) await context.trpc.demo.load();
  else await context.trpc.demo.enter();
  throw redirect("/");
});
